import { countKnownIssues, listKnownIssues, type HeldIssue } from '../../db/stores/jira-hints.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import type { AppContext } from '../app-context.ts'
import { requeue } from './requeue.ts'

/** Issues per request. */
const PER_SEARCH = 100
/** A Jira that builds its index anew finds few issues: what it does not find is looked at one by one, so not all at once. */
const MOST_GONE = 100

export interface Rechecked {
  readonly requests: number
  readonly compared: number
  readonly moved: number
  readonly gone: number
  /** Where the next part begins. */
  readonly cursor: string
}

/**
 * Compares the next part of the issues that Jira knew with what they are called today. Those that moved, or were not found,
 * become due: delivery asks for each itself, and only the issue's own answer says that it is gone.
 *
 * @param part `after`: the last key of the part before; `share`: of all known issues, from 0 to 1
 */
export async function recheckKnownIssues(
  app: AppContext,
  { after, share }: { after: string; share: number },
  signal: AbortSignal,
): Promise<Rechecked> {
  const { jira } = app
  const wanted = Math.max(PER_SEARCH, Math.ceil((await countKnownIssues(app.db.read)) * share))
  const result = { requests: 0, compared: 0, moved: 0, gone: 0, cursor: after }
  while (jira !== null && result.compared < wanted && result.gone < MOST_GONE) {
    const limit = Math.min(PER_SEARCH, wanted - result.compared)
    const held = await listKnownIssues(app.db.read, { after: result.cursor, limit })
    if (held.length > 0) {
      const ids = held.flatMap(({ jiraId }) => jiraId ?? [])
      const { moved, gone } = compare(held, await jira.client.findIssuesById(ids, signal))
      await requeueNow(app, { moved, gone })
      result.requests += 1
      result.compared += held.length
      result.moved += moved.length
      result.gone += gone.length
    }
    // Through: the next part begins at the first again.
    result.cursor = held.length < limit ? '' : (held.at(-1)?.key ?? '')
    if (result.cursor === '') break
  }
  return result
}

function compare(held: readonly HeldIssue[], found: ReadonlyMap<string, JiraIssueRef>) {
  const moved = held.filter(({ jiraId, currentKey }) => {
    const today = found.get(jiraId ?? '')
    return today !== undefined && today.key !== currentKey
  })
  return { moved, gone: held.filter(({ jiraId }) => !found.has(jiraId ?? '')) }
}

async function requeueNow(
  app: AppContext,
  { moved, gone }: { moved: readonly HeldIssue[]; gone: readonly HeldIssue[] },
): Promise<void> {
  if (moved.length + gone.length === 0) return
  const dueAt = app.clock.now().getTime()
  const keysOf = (issues: readonly HeldIssue[]) => issues.map(({ key }) => key)
  await app.db.write('interactive', async (tx) => {
    await requeue(app, tx, { keys: keysOf(moved), dueAt, uncertain: false })
    await requeue(app, tx, { keys: keysOf(gone), dueAt, uncertain: true })
  })
}
