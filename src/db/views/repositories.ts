import type { RepositoryId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'
import { findRepository, listRepositories, type RepositoryPosition, type RepositoryQuery } from '../stores/repositories.ts'
import { listSyncs, type SyncEntry } from '../stores/sync-journal.ts'

export type { RepositoryFilter, RepositoryPosition } from '../stores/repositories.ts'

/** A page with the id after which the next one begins; null: nothing comes after. */
export interface PageById<Item> {
  readonly items: readonly Item[]
  readonly next: number | null
}

/** Repositories in the order asked for, and where the next page begins. */
export async function readRepositories(
  db: Reader,
  query: RepositoryQuery,
): Promise<{ readonly items: readonly Repository[]; readonly next: RepositoryPosition | null }> {
  const { sort = 'id' } = query
  const rows = await listRepositories(db, { ...query, limit: query.limit + 1 })
  const last = rows[query.limit - 1]
  const next = rows.length > query.limit && last !== undefined ? toPosition(last, sort) : null
  return { items: rows.slice(0, query.limit), next }
}

function toPosition({ id, name, lastActivity }: Repository, sort: RepositoryPosition['sort']): RepositoryPosition {
  switch (sort) {
    case 'id':
      return { sort, id: Number(id) }
    case 'name':
      return { sort, name, id: Number(id) }
    case 'activity':
      return { sort, at: lastActivity?.getTime() ?? -1, id: Number(id) }
  }
}

/** One repository; null when there is none of this id. */
export function readRepository(db: Reader, id: RepositoryId): Promise<Repository | null> {
  return findRepository(db, id)
}

/** The audit log of a repository's synchronisations, newest first. */
export async function readSyncs(
  db: Reader,
  id: RepositoryId,
  page: { before: number | null; limit: number },
): Promise<PageById<SyncEntry>> {
  return toPage(await listSyncs(db, id, { ...page, limit: page.limit + 1 }), page.limit)
}

/** What started the newest synchronisation of each of these repositories, and the requests that it made to the host so far. */
export async function readNewestSyncs(
  db: Reader,
  ids: readonly RepositoryId[],
): Promise<ReadonlyMap<RepositoryId, { readonly trigger: string; readonly requests: number }>> {
  if (ids.length === 0) return new Map()
  const newest = db
    .selectFrom('syncs')
    .select((e) => e.fn.max('id').as('id'))
    .where('repository_id', 'in', ids.map(Number))
    .groupBy('repository_id')
  const rows = await db.selectFrom('syncs').select(['repository_id', 'trigger', 'requests']).where('id', 'in', newest).execute()
  return new Map(rows.map(({ repository_id, ...sync }) => [String(repository_id) as RepositoryId, sync]))
}

/** Where a repository was forked from, if that is known here, for those that are forks. */
export async function readForkOrigins(db: Reader): Promise<Map<RepositoryId, { name: string; url: string } | null>> {
  const rows = await db
    .selectFrom('repositories as fork')
    .leftJoin('repositories as origin', (join) =>
      join.onRef('origin.account_id', '=', 'fork.account_id').onRef('origin.host_id', '=', 'fork.fork_of'),
    )
    .select(['fork.id', 'origin.path', 'origin.web_url'])
    .where('fork.fork_of', 'is not', null)
    .execute()
  return new Map(
    rows.map((row) => [
      String(row.id) as RepositoryId,
      row.path === null || row.web_url === null ? null : { name: row.path, url: row.web_url },
    ]),
  )
}

function toPage<Item extends { readonly id: string }>(rows: readonly Item[], limit: number): PageById<Item> {
  const last = rows[limit - 1]
  return { items: rows.slice(0, limit), next: rows.length > limit && last !== undefined ? Number(last.id) : null }
}
