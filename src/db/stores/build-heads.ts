import { sql } from 'kysely'
import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

/**
 * Heads of pull requests whose builds are still to be looked up, because what the pull request names may concern builds
 * that ran before it did. A head stays until the transaction that stored its builds: a run may break off in between.
 */
export interface ChangedHead {
  readonly headSha: Sha
  /** Without keys it counts only where a build is stored, which it may have named before. */
  readonly named: boolean
  readonly changedAt: number
}

/** Remembers heads; of more than `most` of a repository the newest stay. */
export async function addBuildHeads(
  tx: Tx,
  repositoryId: RepositoryId,
  { heads, most }: { heads: readonly ChangedHead[]; most: number },
): Promise<void> {
  if (heads.length === 0) return
  const id = Number(repositoryId)
  const rows = heads.map(({ headSha, named, changedAt }) => ({ sha: headSha, named: named ? 1 : 0, at: changedAt }))
  await sql`
    insert into build_heads (repository_id, head_sha, changed_at)
    select ${id}, r.sha, max(r.at) from ${jsonRows(tx, { sha: 'text', named: 'bigint', at: 'bigint' }, rows)} as r
    where r.named = 1 or exists (select 1 from builds where repository_id = ${id} and sha = r.sha)
    group by r.sha
    on conflict (repository_id, head_sha) do update set changed_at = excluded.changed_at
  `.execute(tx)
  await sql`
    delete from build_heads where repository_id = ${id} and head_sha in (
      select head_sha from build_heads where repository_id = ${id} order by changed_at desc, head_sha limit ${MANY} offset ${most}
    )
  `.execute(tx)
}

/** SQLite knows no offset without a limit. */
const MANY = 1_000_000

export async function listBuildHeads(db: Reader, repositoryId: RepositoryId): Promise<Sha[]> {
  const rows = await db
    .selectFrom('build_heads')
    .select('head_sha')
    .where('repository_id', '=', Number(repositoryId))
    .orderBy('changed_at')
    .orderBy('head_sha')
    .execute()
  return rows.map((row) => row.head_sha as Sha)
}

/** The builds of a head are stored; without one: those of all heads of the repository. */
export async function deleteBuildHeads(tx: Tx, repositoryId: RepositoryId, headSha?: Sha): Promise<void> {
  const all = tx.deleteFrom('build_heads').where('repository_id', '=', Number(repositoryId))
  await (headSha === undefined ? all : all.where('head_sha', '=', headSha)).execute()
}
