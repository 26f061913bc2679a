import { sql } from 'kysely'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { Reader, Tx } from '../database.ts'
import { matches, type RepositoryFilter } from './repositories.ts'

/** What a change of many looks at. */
export interface BulkRow {
  readonly id: RepositoryId
  readonly accountId: AccountId
  readonly name: string
  readonly linked: boolean
  readonly smartCommits: boolean
  readonly state: Repository['sync']['state']
}

/** Ids of all that match, in order. */
export async function listMatchingIds(db: Reader, filter: RepositoryFilter): Promise<number[]> {
  const rows = await db.selectFrom('repositories').select('id').where(matches(filter)).orderBy('id').execute()
  return rows.map(({ id }) => id)
}

export async function listBulkRows(db: Reader, ids: readonly number[]): Promise<BulkRow[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('repositories')
    .select(['id', 'account_id', 'path', 'linked', 'smart_commits', 'sync_state'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: String(row.id) as RepositoryId,
    accountId: row.account_id as AccountId,
    name: row.path,
    linked: row.linked === 1,
    smartCommits: row.smart_commits === 1,
    state: row.sync_state,
  }))
}

/** Settings of many in one statement. */
export async function setSettingsOf(
  tx: Tx,
  ids: readonly RepositoryId[],
  { linked, smartCommits }: { linked?: boolean; smartCommits?: boolean },
): Promise<void> {
  if (ids.length === 0) return
  const toFlag = (on: boolean): 0 | 1 => (on ? 1 : 0)
  await tx
    .updateTable('repositories')
    .set({
      ...(linked === undefined ? {} : { linked: toFlag(linked) }),
      ...(smartCommits === undefined ? {} : { smart_commits: toFlag(smartCommits) }),
    })
    .where('id', 'in', ids.map(Number))
    .execute()
}

/** Whether they are linked is a person's choice from now on: what the account's filter did before does not count any more. */
export async function forgetLeftOut(tx: Tx, ids: readonly RepositoryId[]): Promise<void> {
  if (ids.length === 0) return
  await tx.updateTable('repositories').set({ left_out: 0 }).where('id', 'in', ids.map(Number)).where('left_out', '=', 1).execute()
}

/** Every issue that stored entities of these repositories name: see `markRepositoryIssuesDirty`. */
export async function markIssuesOfDirty(tx: Tx, ids: readonly RepositoryId[], dueAt: number): Promise<void> {
  if (ids.length === 0) return
  const own = sql`(${sql.join(ids.map(Number))})`
  await sql`
    update issues set state = 'dirty', version = version + 1, attempts = 0, due_at = coalesce(due_at, ${dueAt})
    where issue_key in (
      select k.issue_key from commit_keys k join commits c on c.id = k.commit_id where c.repository_id in ${own}
      union select b.issue_key from branch_keys b where b.repository_id in ${own}
      union select k.issue_key from pull_request_keys k join pull_requests p on p.id = k.pull_request_id where p.repository_id in ${own}
      union select k.issue_key from build_keys k join builds b on b.id = k.build_id where b.repository_id in ${own}
      union select k.issue_key from deployment_keys k join deployments d on d.id = k.deployment_id where d.repository_id in ${own}
    )
  `.execute(tx)
}
