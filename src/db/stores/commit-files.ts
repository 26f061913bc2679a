import { sql } from 'kysely'
import type { DevelopmentFile } from '../../domain/development-information.ts'
import type { AccountId, HostId, IssueKey, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

export interface CommitFiles {
  /** null: the host did not have the commit, or did not show its files. */
  readonly fileCount: number | null
  /** False: there are more than the host told. */
  readonly exact: boolean
  /** At most 100. */
  readonly files: readonly DevelopmentFile[]
  readonly loadedAt: Date
}

/** Keeps the files of a commit; nothing where that commit was deleted meanwhile. */
export async function saveCommitFiles(
  tx: Tx,
  { id, accountId }: { readonly id: number; readonly accountId: AccountId },
  { fileCount, exact, files, loadedAt }: CommitFiles,
): Promise<void> {
  await sql`
    insert into commit_files (commit_id, account_id, file_count, exact, files, loaded_at)
    select c.id, ${accountId}, cast(${fileCount} as bigint), ${exact ? 1 : 0}, ${JSON.stringify(files)}, ${loadedAt.getTime()}
    from commits c where c.id = ${id}
    on conflict (commit_id) do update set file_count = excluded.file_count, exact = excluded.exact, files = excluded.files,
      loaded_at = excluded.loaded_at
  `.execute(tx)
}

/** null: they were not loaded yet. */
export async function findCommitFiles(db: Reader, id: number): Promise<CommitFiles | null> {
  const row = await db
    .selectFrom('commit_files')
    .select(['file_count', 'exact', 'files', 'loaded_at'])
    .where('commit_id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    fileCount: row.file_count,
    exact: row.exact === 1,
    files: JSON.parse(row.files) as DevelopmentFile[],
    loadedAt: new Date(row.loaded_at),
  }
}

/** Commits of an account whose files were asked for since a time. */
export async function countFilesLoaded(db: Reader, accountId: AccountId, since: Date): Promise<number> {
  const row = await db
    .selectFrom('commit_files')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('account_id', '=', accountId)
    .where('loaded_at', '>', since.getTime())
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export interface IssueWithoutFiles {
  readonly key: IssueKey
  readonly version: number
  readonly newestAt: number
}

/** Issues that Jira has and that changed since the files of their commits were loaded, newest activity first. */
export async function listIssuesWithoutFiles(
  db: Reader,
  { after, limit }: { readonly after: IssueWithoutFiles | null; readonly limit: number },
): Promise<IssueWithoutFiles[]> {
  const behind = after === null ? sql<boolean>`1 = 1` : sql<boolean>`(newest_at, issue_key) < (${after.newestAt}, ${after.key})`
  const rows = await db
    .selectFrom('issues')
    .select(['issue_key', 'version', 'newest_at'])
    // The words of the partial index.
    .where(sql<boolean>`jira_id is not null and files_version < version`)
    .where(behind)
    .orderBy('newest_at', 'desc')
    .orderBy('issue_key', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ key: row.issue_key as IssueKey, version: row.version, newestAt: row.newest_at }))
}

export interface CommitWithoutFiles {
  readonly id: number
  readonly sha: Sha
  readonly accountId: AccountId
  readonly repository: { readonly hostId: HostId; readonly path: string; readonly webUrl: string }
}

/** Those of the newest commits of an issue, as many as it shows, whose files were not loaded. */
export async function listCommitsWithoutFiles(db: Reader, key: IssueKey, shown: number): Promise<CommitWithoutFiles[]> {
  const newest = db
    .selectFrom('commit_keys')
    .select(['commit_id', 'authored_at'])
    .where('issue_key', '=', key)
    .orderBy('authored_at', 'desc')
    .orderBy('commit_id', 'desc')
    .limit(shown)
  const rows = await db
    .selectFrom(newest.as('k'))
    .innerJoin('commits as c', 'c.id', 'k.commit_id')
    .innerJoin('repositories as r', 'r.id', 'c.repository_id')
    .leftJoin('commit_files as f', 'f.commit_id', 'c.id')
    .select(['c.id', 'c.sha', 'r.account_id', 'r.host_id', 'r.path', 'r.web_url'])
    .where('f.commit_id', 'is', null)
    .where('r.linked', '=', 1)
    .where('r.missing_since', 'is', null)
    .orderBy('k.authored_at', 'desc')
    .orderBy('c.id', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    sha: row.sha as Sha,
    accountId: row.account_id as AccountId,
    repository: { hostId: row.host_id as HostId, path: row.path, webUrl: row.web_url },
  }))
}

/** Everything that this version of an issue shows has its files; `later`: so many versions later, which only tell of them. */
export async function markFilesLoaded(tx: Tx, { key, version }: IssueWithoutFiles, later: 0 | 1): Promise<void> {
  await tx
    .updateTable('issues')
    .set({ files_version: version + later })
    .where('issue_key', '=', key)
    .execute()
}

/**
 * Forgets that the host did not have, or show, files of commits when they were asked for between two times in ms, so that their issues
 * are looked at again. At most `limit` of them, the oldest first; the time up to which none is left.
 */
export async function forgetRefusedFiles(
  tx: Tx,
  { from, until, limit }: { readonly from: number; readonly until: number; readonly limit: number },
): Promise<number> {
  const refused = await tx
    .selectFrom('commit_files')
    .select(['commit_id', 'loaded_at'])
    // By account, as the index is.
    .where('account_id', 'in', tx.selectFrom('accounts').select('id'))
    .where('loaded_at', '>=', from)
    .where('loaded_at', '<=', until)
    .where('file_count', 'is', null)
    .orderBy('loaded_at')
    .limit(limit)
    .execute()
  const last = refused.at(-1)
  if (last === undefined) return until
  const ids = refused.map(({ commit_id }) => commit_id)
  await tx
    .updateTable('issues')
    .set({ files_version: sql<number>`version - 1` })
    .where('issue_key', 'in', tx.selectFrom('commit_keys').select('issue_key').where('commit_id', 'in', ids))
    .whereRef('files_version', '>=', 'version')
    .execute()
  await tx.deleteFrom('commit_files').where('commit_id', 'in', ids).execute()
  return refused.length < limit ? until : last.loaded_at
}
