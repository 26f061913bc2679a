import type { RepositoryId } from '../../domain/ids.ts'
import { sql } from 'kysely'
import type { Flag } from '../column-types.ts'
import type { Reader, Tx } from '../database.ts'

// How far a repository's history and pull requests were read: the marks from which the next synchronisation counts.

/** Before commits are stored: until `endHistory` the history counts as incomplete. */
export async function beginHistory(tx: Tx, id: RepositoryId, generation: number): Promise<void> {
  await tx.updateTable('repositories').set({ history_complete: 0, generation }).where('id', '=', Number(id)).execute()
}

/**
 * After commits, pull requests, branches and kept heads are stored: the next synchronisation counts from them.
 *
 * @param end `foundEmpty`: the host says that the repository is empty, and it has no branch
 */
export async function endHistory(
  tx: Tx,
  id: RepositoryId,
  { rulesVersion, syncId, foundEmpty }: { rulesVersion: number; syncId: number; foundEmpty: boolean },
): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({
      history_complete: 1,
      rules_version: rulesVersion,
      pull_requests_cursor: null,
      history_sync_id: syncId,
      // A fork or an import is empty until the host has filled it with what was before.
      always_empty: foundEmpty
        ? sql<Flag>`case when fork_of is null and arriving = 0 then coalesce(always_empty, 1) else 0 end`
        : 0,
    })
    .where('id', '=', Number(id))
    .execute()
}

/** The synchronisation that finished the stored history; null: none has since this is recorded. */
export async function findHistorySync(db: Reader, id: RepositoryId): Promise<number | null> {
  const row = await db.selectFrom('repositories').select('history_sync_id').where('id', '=', Number(id)).executeTakeFirst()
  return row?.history_sync_id ?? null
}

/** Every import that ended found the repository empty, at least one: whatever is there now came since. */
export async function wasAlwaysEmpty(db: Reader, id: RepositoryId): Promise<boolean> {
  const row = await db.selectFrom('repositories').select('always_empty').where('id', '=', Number(id)).executeTakeFirst()
  return row?.always_empty === 1
}

/** Newest entity stored, for the column "Last activity". */
export async function raiseLastActivity(tx: Tx, id: RepositoryId, at: number): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ last_activity_at: at })
    .where('id', '=', Number(id))
    .where((e) => e.or([e('last_activity_at', 'is', null), e('last_activity_at', '<', at)]))
    .execute()
}

/** Moves the mark from which pull requests are listed the next time. */
export async function setPullRequestsSince(tx: Tx, id: RepositoryId, at: number | null): Promise<void> {
  await tx.updateTable('repositories').set({ pull_requests_since: at }).where('id', '=', Number(id)).execute()
}

/** Where a listing of all pull requests continues when its run breaks off, in it or after it. */
export interface PullRequestsCursor {
  /** Update time of the newest pull request read. */
  readonly since: number
  /** Of the run that began the listing: what carries an older one at its end was not met. */
  readonly generation: number
  /** Issue-key rule under which they were read. */
  readonly rulesVersion: number
}

export async function setPullRequestsCursor(tx: Tx, id: RepositoryId, cursor: PullRequestsCursor | null): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ pull_requests_cursor: cursor === null ? null : JSON.stringify(cursor) })
    .where('id', '=', Number(id))
    .execute()
}

export async function findPullRequestsCursor(db: Reader, id: RepositoryId): Promise<PullRequestsCursor | null> {
  const row = await db.selectFrom('repositories').select('pull_requests_cursor').where('id', '=', Number(id)).executeTakeFirst()
  return row === undefined || row.pull_requests_cursor === null
    ? null
    : (JSON.parse(row.pull_requests_cursor) as PullRequestsCursor)
}
