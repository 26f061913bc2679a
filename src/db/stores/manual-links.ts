import { sql } from 'kysely'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * What an administrator said about one commit or pull request and one issue: it belongs to it (`link`) or does not
 * (`unlink`), whatever its keys say. Views apply it when they read, so that no synchronisation can undo it; what is linked
 * is kept although it names no issue.
 */
export interface ManualLink {
  readonly key: IssueKey
  readonly action: 'link' | 'unlink'
  readonly kind: 'commit' | 'pullRequest'
  readonly repositoryId: RepositoryId
  /** Hash of the commit, number of the pull request. */
  readonly entity: string
  readonly who: string
  readonly reason: string
  readonly at: Date
}

/** Stores it in the place of what was said before; returns its id. */
export async function saveManualLink(tx: Tx, link: ManualLink): Promise<number> {
  const { action, who, reason } = link
  const said = { action, who, reason, created_at: link.at.getTime() }
  const { id } = await tx
    .insertInto('manual_links')
    .values({ issue_key: link.key, kind: link.kind, repository_id: Number(link.repositoryId), entity: link.entity, ...said })
    .onConflict((conflict) => conflict.columns(['issue_key', 'kind', 'repository_id', 'entity']).doUpdateSet(said))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Takes one back; null: the issue has none of this id. */
export async function deleteManualLink(
  tx: Tx,
  keys: readonly IssueKey[],
  id: number,
): Promise<Pick<ManualLink, 'key' | 'kind' | 'entity' | 'repositoryId'> | null> {
  const row = await tx
    .deleteFrom('manual_links')
    .where('id', '=', id)
    .where('issue_key', 'in', keys)
    .returning(['issue_key', 'kind', 'entity', 'repository_id'])
    .executeTakeFirst()
  if (row === undefined) return null
  const { issue_key, kind, entity, repository_id } = row
  return { key: issue_key as IssueKey, kind, entity, repositoryId: String(repository_id) as RepositoryId }
}

export async function countManualLinks(db: Reader, keys: readonly IssueKey[]): Promise<number> {
  const row = await db
    .selectFrom('manual_links')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('issue_key', 'in', keys)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

/** Issues to which a pull request was linked by hand, by its number, of these. */
export async function listKeysLinkedByHand(
  db: Reader,
  repositoryId: RepositoryId,
  numbers: readonly number[],
): Promise<Map<number, IssueKey[]>> {
  const rows = await db
    .selectFrom('manual_links')
    .select(['entity', 'issue_key'])
    .where('repository_id', '=', Number(repositoryId))
    .where('kind', '=', 'pullRequest')
    .where('action', '=', 'link')
    .where('entity', 'in', numbers.map(String))
    .execute()
  const groups = Map.groupBy(rows, ({ entity }) => Number(entity))
  return new Map([...groups].map(([number, links]) => [number, links.map((row) => row.issue_key as IssueKey)]))
}

/** Ids of the stored commits, of these, that somebody linked by hand: they stay although nothing names or reaches them. */
export async function findCommitsLinkedByHand(db: Reader, ids: readonly number[]): Promise<Set<number>> {
  const any = await db.selectFrom('manual_links').select('id').where('kind', '=', 'commit').limit(1).executeTakeFirst()
  if (any === undefined) return new Set()
  const rows = await db
    .selectFrom('manual_links as m')
    .innerJoin('commits as c', (join) => join.onRef('c.repository_id', '=', 'm.repository_id').onRef('c.sha', '=', 'm.entity'))
    .select('c.id')
    .where('m.kind', '=', 'commit')
    .where('m.action', '=', 'link')
    .execute()
  const wanted = new Set(ids)
  return new Set(rows.flatMap(({ id }) => (wanted.has(id) ? [id] : [])))
}

/** Removes what only a link by hand kept: no key names it, and nobody else links it. */
export async function forgetUnlinked(
  tx: Tx,
  { kind, repositoryId, entity }: Pick<ManualLink, 'kind' | 'repositoryId' | 'entity'>,
): Promise<void> {
  const own = Number(repositoryId)
  const nobody = sql<boolean>`not exists (select 1 from manual_links m where m.repository_id = ${own} and m.kind = ${kind}
    and m.entity = ${entity} and m.action = 'link')`
  if (kind === 'pullRequest') {
    await tx
      .deleteFrom('pull_requests')
      .where('repository_id', '=', own)
      .where('number', '=', Number(entity))
      .where(sql<boolean>`not exists (select 1 from pull_request_keys k where k.pull_request_id = pull_requests.id)`)
      .where(nobody)
      .execute()
    return
  }
  const gone = await tx
    .deleteFrom('commits')
    .where('repository_id', '=', own)
    .where('sha', '=', entity)
    .where(sql<boolean>`not exists (select 1 from commit_keys k where k.commit_id = commits.id)`)
    .where(nobody)
    .returning('id')
    .execute()
  for (const { id } of gone) await tx.deleteFrom('commit_files').where('commit_id', '=', id).execute()
}
