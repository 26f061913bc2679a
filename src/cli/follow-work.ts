import type { Database } from '../db/database.ts'
import { countIssuesByState, countIssuesToDeliver } from '../db/stores/issues.ts'
import type { Clock } from '../lib/clock.ts'
import type { ProgressView, ShownRepository } from './progress-view.ts'

/** A look at one repository takes 0.2 ms, at a thousand 10 ms: a tenth of the time goes into looking, at most. */
const SHORTEST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 100
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
    await clock.sleep(pauseMs(clock.monotonicMs() - lookedAt), signal)
  }
}

function pauseMs(lookMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, lookMs * PAUSES_PER_LOOK))
}

/** Shows the delivery to Jira until nothing waits. */
export async function followDelivery({ db, view, clock, signal }: { db: Database; view: ProgressView; clock: Clock; signal: AbortSignal }): Promise<void> {
  const startedAt = clock.monotonicMs()
  let total = 0
  for (;;) {
    const waiting = await countIssuesToDeliver(db.read)
    total = Math.max(total, waiting)
    const delivered = total - waiting
    const minutes = (clock.monotonicMs() - startedAt) / 60_000
    view.delivery({ delivered, total, minutesLeft: waiting === 0 || delivered === 0 ? null : Math.ceil((minutes / delivered) * waiting) })
    if (waiting === 0) break
    await clock.sleep(LONGEST_PAUSE_MS, signal)
  }
  const { clean, refused, unknown } = await countIssuesByState(db.read)
  view.line(`Jira: ${clean} issues up to date, ${refused} refused, ${unknown} keys name no issue of this Jira`)
}
