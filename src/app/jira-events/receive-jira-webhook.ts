import type { IssueKey } from '../../domain/ids.ts'
import { listHeldIssues, type HeldIssue } from '../../db/stores/jira-hints.ts'
import type { Tx } from '../../db/database.ts'
import { parseJiraHint, type JiraHint } from '../../jira/webhook-hint.ts'
import { verifyJiraWebhook, type JiraWebhookProof } from '../../jira/webhook-signature.ts'
import type { AppContext } from '../app-context.ts'
import { requeue } from './requeue.ts'
import { findArrival, isArrivalNews, noteArrival, type JiraWebhookArrival } from './webhook-arrival.ts'

export interface IncomingJiraWebhook {
  readonly proof: JiraWebhookProof
  /** The bytes as they came: the signature is over them. */
  readonly body: Buffer
}

/** `nothing-new`: it concerns nothing that is stored here, or the same look is planned already. */
export type JiraWebhookAnswer = 'stored' | 'nothing-new' | 'not-connected' | 'refused' | 'not-json'

/** Issues that webhooks name within this time are looked up together: of a bulk change, a hundred with one request. */
const WAVE_MS = 1_000
/** A project's creation sends several. */
const PROJECTS_DELAY_MS = 2_000

/**
 * Verifies a webhook of Jira and puts what it hints at into the queue of deliveries, on disk, before Jira may be told that
 * it arrived. That queue holds every issue of which anything is stored, once: duplicates and bursts become one look at
 * Jira, and what concerns no such issue costs nothing. The payload says where to look, never what is there.
 */
export async function receiveJiraWebhook(app: AppContext, webhook: IncomingJiraWebhook): Promise<JiraWebhookAnswer> {
  const { jira } = app
  if (jira === null || jira.events.webhooks === 'off') return 'not-connected'
  const proof = verifyJiraWebhook(webhook.proof, webhook.body, await jira.events.webhookSecrets())
  if (proof === null) return 'refused'
  const last = await findArrival(app.db.read)
  // This Jira signs by now: an address that was kept from before, or read in a log, proves nothing any more.
  if (proof === 'path' && last?.signed === true) return 'refused'
  const payload = parseJson(webhook.body)
  if (payload === undefined) return 'not-json'
  return follow(app, parseJiraHint(payload.value), { last, signed: proof === 'signature' })
}

async function follow(
  app: AppContext,
  hint: JiraHint,
  { last, signed }: { readonly last: JiraWebhookArrival | null; readonly signed: boolean },
): Promise<'stored' | 'nothing-new'> {
  const now = app.clock.now().getTime()
  const keys = await listConcerned(app, hint)
  const arrival = { at: now, event: hint.event, signed }
  const isNews = isArrivalNews(last, arrival)
  const concernsUs = keys.length > 0 || hint.kind === 'projects'
  if (!concernsUs && !isNews) return 'nothing-new'
  await app.db.write('webhook', async (tx) => {
    if (isNews) await noteArrival(tx, arrival)
    await requeue(app, tx, { keys, dueAt: endOfWave(now), uncertain: hint.kind === 'deleted' })
    if (hint.kind === 'projects') await refreshProjectsSoon(app, tx, now)
  })
  return concernsUs ? 'stored' : 'nothing-new'
}

async function listConcerned(app: AppContext, hint: JiraHint): Promise<IssueKey[]> {
  if (hint.kind === 'projects' || hint.kind === 'other') return []
  const held = await listHeldIssues(app.db.read, { jiraId: hint.issueId, keys: hint.keys })
  return held.filter((issue) => isConcerned(issue, hint)).map(({ key }) => key)
}

/**
 * Only what this says that is news here: most webhooks tell of fields that do not concern us. An issue that is due already
 * and was not looked up counts all the same: its delivery may have asked Jira a moment too early.
 */
function isConcerned(issue: HeldIssue, { kind, issueId, keys }: JiraHint): boolean {
  switch (kind) {
    case 'created':
      return issue.jiraId === null || issue.state === 'unknown' || issue.jiraId !== issueId
    case 'moved':
      return true
    case 'deleted':
      return issue.jiraId !== null && issue.state !== 'unknown'
    case 'changed':
      // A move whose webhook was lost.
      return issueId !== null && issue.jiraId === issueId && issue.currentKey !== null && !keys.includes(issue.currentKey)
    case 'projects':
    case 'other':
      return false
  }
}

const endOfWave = (now: number) => (Math.floor(now / WAVE_MS) + 1) * WAVE_MS

async function refreshProjectsSoon(app: AppContext, tx: Tx, now: number): Promise<void> {
  const runAt = new Date(now + PROJECTS_DELAY_MS)
  await app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects', runAt })
}

function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown }
  } catch {
    return undefined
  }
}
