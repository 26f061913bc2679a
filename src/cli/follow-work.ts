import { findDeliveryHold, type DeliveryHold } from '../app/delivery/delivery-hold.ts'
import type { Database } from '../db/database.ts'
import { countIssuesByState, countIssuesToDeliver, findRetryReason } from '../db/stores/issues.ts'
import type { Clock } from '../lib/clock.ts'
import type { ProgressView, ShownRepository } from './progress-view.ts'

/** A look at one repository takes 0.5 ms, at a thousand 10 ms: a hundredth to a tenth of the time goes into looking. */
const SHORTEST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 100
/** Counting takes 0.12 s when half a million issues wait. */
const LONGEST_DELIVERY_PAUSE_MS = 1_000
const PAUSES_PER_LOOK = 9

/** Shows synchronisations until none waits or runs; false when one failed. */
export async function followSyncs({
  read,
  view,
  clock,
  signal,
}: {
  read: () => Promise<readonly ShownRepository[]>
  view: ProgressView
  clock: Clock
  signal: AbortSignal
}): Promise<boolean> {
  for (;;) {
    const lookedAt = clock.monotonicMs()
    const repositories = await read()
    view.repositories(repositories)
    if (!repositories.some(({ sync }) => sync.state === 'queued' || sync.state === 'running')) {
      return repositories.every(({ sync }) => sync.error === null)
    }
    await clock.sleep(pauseMs(clock.monotonicMs() - lookedAt, LONGEST_PAUSE_MS), signal)
  }
}

function pauseMs(lookMs: number, longestMs: number): number {
  return Math.min(longestMs, Math.max(SHORTEST_PAUSE_MS, lookMs * PAUSES_PER_LOOK))
}

/** Failures of Jira in a row that are waited for, about half a minute; a rate limit is waited for as long as it lasts. */
const TRIES_WORTH_WAITING = 5

interface Following {
  readonly db: Database
  readonly view: ProgressView
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Shows the delivery to Jira until nothing waits; false, after it said why, when Jira as a whole or an issue goes on failing. */
export async function followDelivery({ db, view, clock, signal }: Following): Promise<boolean> {
  const startedAt = clock.monotonicMs()
  let total = 0
  for (;;) {
    const lookedAt = clock.monotonicMs()
    const waiting = await countIssuesToDeliver(db.read)
    total = Math.max(total, waiting)
    const delivered = total - waiting
    const minutes = (clock.monotonicMs() - startedAt) / 60_000
    view.delivery({
      delivered,
      total,
      minutesLeft: waiting === 0 || delivered === 0 ? null : Math.ceil((minutes / delivered) * waiting),
    })
    if (waiting === 0) break
    const hold = await findDeliveryHold(db.read)
    if (hold !== null && isLasting(hold)) {
      view.line(`Jira: ${waiting} issues wait. ${hold.problem.message} ${hold.problem.remedy ?? ''}`.trimEnd())
      return false
    }
    await clock.sleep(pauseMs(clock.monotonicMs() - lookedAt, LONGEST_DELIVERY_PAUSE_MS), signal)
  }
  const { clean, refused, unknown, retrying } = await countIssuesByState(db.read)
  view.line(`Jira: ${clean} issues up to date, ${refused} refused, ${unknown} keys name no issue of this Jira`)
  if (retrying > 0)
    view.line(
      `Jira: ${retrying} issues could not be written and will be tried again, for instance: ${(await findRetryReason(db.read)) ?? ''}`,
    )
  return retrying === 0
}

function isLasting({ passing, tries, problem }: DeliveryHold): boolean {
  return !passing || (tries >= TRIES_WORTH_WAITING && problem.code !== 'jira-rate-limited')
}
