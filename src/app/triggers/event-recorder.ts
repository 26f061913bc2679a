import { addDevelopmentEvents } from '../../db/stores/development-events.ts'
import { findLastDone } from '../../db/stores/sync-journal.ts'
import { listAwaitedEvents } from '../../db/stores/trigger-rules.ts'
import type { Tx } from '../../db/database.ts'
import type { Repository } from '../../domain/repository.ts'
import { TRIGGER_WINDOW_MS, type DevelopmentEvent, type TriggerEvent } from '../../domain/trigger.ts'
import type { AppContext } from '../app-context.ts'
import { wakeTriggers } from './wake-triggers.ts'

/** A host's clock, and what it tells late. */
const MARGIN_MS = 5 * 60_000

/** Stores what a synchronisation finds to have happened, where a rule waits for it. */
export interface EventRecorder {
  /** Some enabled rule waits for it. */
  awaits(event: TriggerEvent): boolean
  /**
   * Within the transaction that stores what happened, so that neither is without the other. `find` is called if any rule
   * waits at all, with the time from which on something that was not stored before is new; nothing is on a first import.
   */
  record(tx: Tx, find: (since: Date) => readonly DevelopmentEvent[]): Promise<void>
}

/**
 * Of one run: a rule that is made meanwhile is served by the next one. What was made before the last run that ended well began,
 * and is met for the first time now, by a new key or a full synchronisation, is no news.
 *
 * @param run `entry`: its number in the journal; `isNews`: false in the first run after a restoration, or after the repository was linked again: then nothing is
 */
export async function createEventRecorder(
  app: AppContext,
  {
    repository,
    entry,
    isNews,
  }: { repository: Pick<Repository, 'id' | 'sync' | 'historyComplete'>; entry: number; isNews: boolean },
): Promise<EventRecorder> {
  const awaited = await listAwaitedEvents(app.db.read)
  // The journal of a repository that rested for long is forgotten; then its last run ended well.
  const rested = repository.historyComplete ? repository.sync.startedAt : null
  const before = awaited.size === 0 ? rested : ((await findLastDone(app.db.read, repository.id)) ?? rested)
  const since = before === null || !isNews ? null : new Date(before.getTime() - MARGIN_MS)
  return {
    awaits: (event) => since !== null && awaited.has(event),
    async record(tx, find) {
      if (since === null || awaited.size === 0) return
      const now = app.clock.now().getTime()
      const events = find(since).filter(
        ({ event, keys, at }) => awaited.has(event) && keys.length > 0 && at.getTime() > now - TRIGGER_WINDOW_MS,
      )
      if (events.length === 0) return
      await addDevelopmentEvents(tx, repository.id, { events, syncId: entry, now })
      await wakeTriggers(app, tx)
    },
  }
}
