import type { Database } from '../db/database.ts'
import { countIssuesByState, countIssuesToDeliver } from '../db/stores/issues.ts'
import type { Clock } from '../lib/clock.ts'
import type { ProgressView, ShownRepository } from './progress-view.ts'

const LOOK_EVERY_MS = 100

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
    const repositories = await read()
    view.repositories(repositories)
    if (!repositories.some(({ sync }) => sync.state === 'queued' || sync.state === 'running')) {
      return repositories.every(({ sync }) => sync.error === null)
    }
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
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
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
  const { clean, refused, unknown } = await countIssuesByState(db.read)
  view.line(`Jira: ${clean} issues up to date, ${refused} refused, ${unknown} keys name no issue of this Jira`)
}
