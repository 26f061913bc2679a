import { sql } from 'kysely'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import type { JobCounts } from '../../domain/development-information.ts'
import type { Reader, Tx } from '../database.ts'
import { markIssuesDirty } from './issues.ts'

/** A build that ended, and whose jobs were not counted since. */
export interface UncountedBuild {
  readonly id: number
  readonly hostId: string
  readonly updatedAt: number
}

/** The newest ones that ended after `since` and name an issue of a project that Jira has, at most `limit`. */
export async function listUncountedBuilds(
  db: Reader,
  repositoryId: RepositoryId,
  { since, limit }: { since: Date; limit: number },
): Promise<UncountedBuild[]> {
  return (
    db
      .selectFrom('builds as b')
      .select(['b.id', 'b.host_id as hostId', 'b.updated_at as updatedAt'])
      .where('b.repository_id', '=', Number(repositoryId))
      .where('b.updated_at', '>=', since.getTime())
      // As in the index.
      .where(sql<boolean>`b.finished_at is not null and (b.jobs_at is null or b.jobs_at < b.updated_at)`)
      .where((e) =>
        e.exists(
          e
            .selectFrom('build_keys as k')
            .innerJoin('issues as i', 'i.issue_key', 'k.issue_key')
            .innerJoin('projects as p', 'p.key', 'i.project_key')
            .select('k.build_id')
            .whereRef('k.build_id', '=', 'b.id'),
        ),
      )
      .orderBy('b.updated_at', 'desc')
      .orderBy('b.id', 'desc')
      .limit(limit)
      .execute()
  )
}

/**
 * Stores what was counted and marks the issues of the build if that is something new. Nothing happens to one that changed
 * or went meanwhile.
 *
 * @param jobs null: the host does not tell
 */
export async function saveJobCounts(
  tx: Tx,
  { id, updatedAt }: UncountedBuild,
  { jobs, dueAt }: { jobs: JobCounts | null; dueAt: number },
): Promise<void> {
  const before = await tx
    .selectFrom('builds')
    .select(['repository_id', 'jobs_total', 'jobs_successful', 'jobs_failed'])
    .where('id', '=', id)
    .where('updated_at', '=', updatedAt)
    .executeTakeFirst()
  if (before === undefined) return
  const now = { jobs_total: jobs?.total ?? null, jobs_successful: jobs?.successful ?? null, jobs_failed: jobs?.failed ?? null }
  await tx
    .updateTable('builds')
    .set({ ...now, jobs_at: updatedAt })
    .where('id', '=', id)
    .execute()
  const { repository_id, ...counts } = before
  if (JSON.stringify(counts) === JSON.stringify(now)) return
  const keys = await tx.selectFrom('build_keys').select('issue_key').where('build_id', '=', id).execute()
  const dirty = keys.map((row) => ({ key: row.issue_key as IssueKey, at: updatedAt }))
  await markIssuesDirty(tx, dirty, dueAt, String(repository_id) as RepositoryId)
}
