import type { Account } from '../../domain/account.ts'
import { toProblem } from '../../domain/problem.ts'
import { findRepository, type KnownRepository } from '../../db/stores/repositories.ts'
import { setRunsLookedAt, type WebhookGaps } from '../../db/stores/webhook-gaps.ts'
import type { HostConnection } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { findNewerRuns } from './compare-runs.ts'
import { addSyncJob } from './request-sync.ts'

const HOUR_MS = 60 * 60_000
/** A repository in which nothing happened for longer costs no request. */
const RECENTLY_ACTIVE_MS = 7 * 24 * HOUR_MS
/** GitLab delivers a webhook at most once, and nobody hears of one that a proxy refused. */
const LOOK_AGAIN_MS = 4 * HOUR_MS
/** However often webhooks are missed: strangers can keep them from being stored for a while. */
const LOOK_PAUSE_MS = HOUR_MS / 2
/** Per sweep, two requests each; the rest waits for the next one. */
const MOST_LOOKS = 500
/** The part of the host's rate limit that is left to the rest of the work. */
const LEAST_LEFT = 0.5
/** Beside everything else that the host answers. */
const LOOKED_AT_ONCE = 2
/** One repository's trouble: the others have their turn. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['unexpected-answer', 'redirect-refused'])

type Activity = Pick<KnownRepository, 'ranAt' | 'hostActivityAt'>

/** Whether anything happened lately. */
export function wasActiveLately({ ranAt, hostActivityAt }: Activity, now: number): boolean {
  return now - Math.max(ranAt ?? 0, hostActivityAt ?? 0) <= RECENTLY_ACTIVE_MS
}

/** Whether a repository that ever had a build or a deployment was active lately. */
export function mayRun(activity: Activity, now: number): boolean {
  return activity.ranAt !== null && wasActiveLately(activity, now)
}

/** Whether webhooks tell of builds and deployments; a system hook does not. */
export function isToldOfRuns({ webhooks }: Account, { webhookState }: Pick<KnownRepository, 'webhookState'>): boolean {
  return webhookState === 'live' && webhooks !== 'system'
}

export interface LookRound {
  readonly account: Account
  readonly connection: HostConnection
  readonly known: readonly KnownRepository[]
  readonly gaps: WebhookGaps
}

/**
 * The net below the webhooks that tell of builds and deployments, which move no activity stamp: asks the host for the
 * newest ones of repositories where some may have come, every few hours, and after webhooks may have been missed. Only
 * one that has newer ones is synchronised. Those go first that were longest not looked at; whatever the host refuses
 * waits for the next sweep.
 *
 * @returns for how many repositories a synchronisation was asked
 */
export async function lookForRuns(app: AppContext, round: LookRound, signal: AbortSignal): Promise<number> {
  const { account, connection, known, gaps } = round
  const now = app.clock.now().getTime()
  const due = known
    .filter((repository) => isDue(account, repository, { gaps, now }))
    .toSorted((a, b) => lookedAt(a) - lookedAt(b))
    .slice(0, MOST_LOOKS)
  let requested = 0
  try {
    await mapConcurrently(due, LOOKED_AT_ONCE, async (repository) => {
      signal.throwIfAborted()
      if ((connection.requestsLeft() ?? 1) < LEAST_LEFT) return
      if (await look(app, { repository, connection }, signal)) requested += 1
    })
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    app.log.warn({ account: account.id, error: toProblem(error), cause: error }, 'look for builds ended early')
  }
  if (due.length > 0) app.log.debug({ account: account.id, due: due.length, requested }, 'builds looked for')
  return requested
}

function isDue(account: Account, repository: KnownRepository, { gaps, now }: { gaps: WebhookGaps; now: number }): boolean {
  if (!repository.linked || repository.missingSince !== null) return false
  if (!isToldOfRuns(account, repository) || !mayRun(repository, now)) return false
  const last = lookedAt(repository)
  return now - last >= (last < (gaps.missedAt ?? 0) ? LOOK_PAUSE_MS : LOOK_AGAIN_MS)
}

/** Every synchronisation that ends well has read them. */
function lookedAt({ runsLookedAt, syncStartedAt, failing, neverSynced }: KnownRepository): number {
  return Math.max(runsLookedAt ?? 0, failing || neverSynced ? 0 : (syncStartedAt ?? 0))
}

async function look(
  app: AppContext,
  { repository: { id }, connection }: { repository: KnownRepository; connection: HostConnection },
  signal: AbortSignal,
): Promise<boolean> {
  const repository = await findRepository(app.db.read, id)
  // What is being synchronised, or waits for it, reads them.
  if (repository === null || !repository.linked || repository.sync.state !== 'idle') return false
  const now = app.clock.now().getTime()
  const newer = await findNewerRuns(app, { repository, connection }, signal).catch((error: unknown) => {
    if (signal.aborted || !isConnectorError(error) || !OWN_FAILURES.has(error.code)) throw error
    app.log.info({ repositoryId: id, repository: repository.name, error: toProblem(error) }, 'builds could not be looked for')
    return []
  })
  await app.db.write('background', async (tx) => {
    await setRunsLookedAt(tx, id, now)
    if (newer.length > 0)
      await addSyncJob(app, tx, { repositoryId: id, mode: 'soft', trigger: 'schedule', priority: 'scheduled' })
  })
  return newer.length > 0
}
