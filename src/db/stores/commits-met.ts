import { sql } from 'kysely'
import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { jsonRows } from '../json-rows.ts'

/** Those of `shas` that no synchronisation up to the number `since` met; of commits that name an issue, others are not stored. */
export async function findShasMetSince(
  db: Reader,
  repositoryId: RepositoryId,
  { shas, since }: { readonly shas: readonly Sha[]; readonly since: number },
): Promise<ReadonlySet<Sha>> {
  const names = shas.map((name) => ({ s: name }))
  const { rows } = await sql<{ sha: string }>`
    select c.sha from ${jsonRows(db, { s: 'text' }, names)} as n
    join commits c on c.repository_id = ${Number(repositoryId)} and c.sha = n.s
    where c.sync_id > ${since}`.execute(db)
  return new Set(rows.map((row) => row.sha as Sha))
}
