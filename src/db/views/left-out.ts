import type { Account } from '../../domain/account.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'

/** A repository that its account's filter unlinked, with that filter as it is now. */
export interface LeftOutRepository {
  readonly path: string
  readonly filter: Pick<Account, 'include' | 'exclude' | 'owner'>
  /** Path of the owner today; null: all that the token reads, or not known. */
  readonly ownerPath: string | null
}

/** Those of these repositories that the filter unlinked; what a person unlinked is not among them. */
export async function readLeftOut(db: Reader, ids: readonly RepositoryId[]): Promise<Map<RepositoryId, LeftOutRepository>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('repositories as r')
    .innerJoin('accounts as a', 'a.id', 'r.account_id')
    .select(['r.id', 'r.path', 'a.include', 'a.exclude', 'a.owner', 'a.owner_path'])
    .where('r.id', 'in', ids.map(Number))
    .where('r.left_out', '=', 1)
    .execute()
  return new Map(
    rows.map((row) => [
      String(row.id) as RepositoryId,
      {
        path: row.path,
        filter: {
          include: JSON.parse(row.include) as string[],
          exclude: JSON.parse(row.exclude) as string[],
          owner: row.owner,
        },
        ownerPath: row.owner_path,
      },
    ]),
  )
}
