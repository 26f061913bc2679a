import type { RepositoryId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

export type ListedKind = 'builds' | 'deployments'

/**
 * How far a repository's builds or deployments were read:
 *
 * - absent: never.
 * - not complete: a listing of everything is under way, or broke off; `since` is where it goes on, under its `generation`.
 * - complete: `since` is where the next listing of changes begins; what carries an older generation is gone.
 */
export interface ListingMark {
  /** Update time of the newest one read; null: none was met yet. */
  readonly since: number | null
  readonly generation: number
  /** Issue-key rule under which they were read. */
  readonly rulesVersion: number
  readonly complete: boolean
}

export async function findListingMark(db: Reader, id: RepositoryId, kind: ListedKind): Promise<ListingMark | null> {
  const row = await db
    .selectFrom('listing_marks')
    .select(['since', 'generation', 'rules_version', 'complete'])
    .where('repository_id', '=', Number(id))
    .where('kind', '=', kind)
    .executeTakeFirst()
  if (row === undefined) return null
  return { since: row.since, generation: row.generation, rulesVersion: row.rules_version, complete: row.complete === 1 }
}

export async function setListingMark(tx: Tx, id: RepositoryId, mark: ListingMark & { readonly kind: ListedKind }): Promise<void> {
  const columns = {
    since: mark.since,
    generation: mark.generation,
    rules_version: mark.rulesVersion,
    complete: mark.complete ? 1 : 0,
  } as const
  await tx
    .insertInto('listing_marks')
    .values({ repository_id: Number(id), kind: mark.kind, ...columns })
    .onConflict((conflict) => conflict.columns(['repository_id', 'kind']).doUpdateSet(columns))
    .execute()
}
