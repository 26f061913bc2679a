import { repositoryId, type AccountId, type IssueKey, type RepositoryId } from '../../domain/ids.ts'
import type { DevelopmentEvent, EventFacts, EventPlace } from '../../domain/trigger.ts'
import type { Reader, Tx } from '../database.ts'
import { insertRows } from '../insert-rows.ts'

export interface PendingEvent {
  readonly id: number
  readonly repositoryId: RepositoryId
  readonly happened: DevelopmentEvent
  readonly place: EventPlace
  /** The synchronisation that met it; null: it is not known any more. */
  readonly syncId: number | null
}

/** Stores what happened; what is stored already, by a run that broke off, is not stored again. */
export async function addDevelopmentEvents(
  tx: Tx,
  id: RepositoryId,
  { events, syncId, now }: { readonly events: readonly DevelopmentEvent[]; readonly syncId: number; readonly now: number },
): Promise<void> {
  await insertRows(tx, {
    table: 'development_events',
    columns: {
      repository_id: 'bigint',
      event: 'text',
      subject: 'text',
      at: 'bigint',
      keys: 'text',
      facts: 'text',
      recorded_at: 'bigint',
      state: 'text',
      sync_id: 'bigint',
    },
    values: events.flatMap(({ event, subject, at, keys, facts }) => [
      Number(id),
      event,
      subject,
      at.getTime(),
      JSON.stringify(keys),
      JSON.stringify(facts),
      now,
      'pending',
      syncId,
    ]),
    onConflict: 'on conflict (repository_id, event, subject, at) do nothing',
  })
}

/** Events whose rules were not judged yet, in the order in which they were met; those of a repository that is gone are not told. */
export async function listPendingEvents(db: Reader, { after, limit }: { after: number; limit: number }): Promise<PendingEvent[]> {
  const rows = await db
    .selectFrom('development_events as e')
    .innerJoin('repositories as r', 'r.id', 'e.repository_id')
    .select(['e.id', 'e.repository_id', 'e.event', 'e.subject', 'e.at', 'e.keys', 'e.facts'])
    .select(['e.sync_id', 'r.account_id', 'r.path'])
    .where('e.state', '=', 'pending')
    .where('e.id', '>', after)
    .orderBy('e.id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    repositoryId: repositoryId(String(row.repository_id)),
    happened: {
      event: row.event,
      subject: row.subject,
      at: new Date(row.at),
      keys: JSON.parse(row.keys) as IssueKey[],
      facts: JSON.parse(row.facts) as EventFacts,
    },
    place: { accountId: row.account_id as AccountId, repository: row.path },
    syncId: row.sync_id,
  }))
}

/** Every rule was judged, for every issue. */
export async function endEvent(tx: Tx, id: number): Promise<void> {
  await tx.updateTable('development_events').set({ state: 'done' }).where('id', '=', id).execute()
}

/** Deletes up to `limit` that were met before this time and are judged, with what rules did before it; returns how many. */
export async function pruneEvents(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const old = await tx
    .selectFrom('development_events')
    .select('id')
    .where('recorded_at', '<', before)
    .where('state', '=', 'done')
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('trigger_runs')
            .select('trigger_runs.id')
            .whereRef('trigger_runs.event_id', '=', 'development_events.id')
            .where('trigger_runs.at', '>=', before),
        ),
      ),
    )
    .limit(limit)
    .execute()
  if (old.length === 0) return 0
  const ids = old.map(({ id }) => id)
  await tx.deleteFrom('trigger_runs').where('event_id', 'in', ids).execute()
  await tx.deleteFrom('development_events').where('id', 'in', ids).execute()
  return ids.length
}

/** What happened in a repository goes with it, and what rules did because of it. */
export async function deleteEventsOf(tx: Tx, id: RepositoryId): Promise<void> {
  const own = Number(id)
  await tx
    .deleteFrom('trigger_runs')
    .where('event_id', 'in', (e) => e.selectFrom('development_events').select('id').where('repository_id', '=', own))
    .execute()
  await tx.deleteFrom('development_events').where('repository_id', '=', own).execute()
}
