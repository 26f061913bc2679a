import { sql } from 'kysely'
import type { IssueKey } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import type { ManualLinksTable } from '../schema.ts'

export interface ManualLinkEntry {
  readonly id: number
  readonly action: ManualLinksTable['action']
  readonly kind: ManualLinksTable['kind']
  readonly repository: { readonly id: string; readonly name: string; readonly url: string; readonly host: string }
  readonly entity: string
  /** First line of the commit, or the title; null: it is not stored (any more). */
  readonly title: string | null
  readonly who: string
  readonly reason: string
  readonly at: Date
}

/** What was said by hand under any key of an issue, newest first. */
export async function readManualLinkList(
  db: Reader,
  keys: readonly IssueKey[],
  page: { readonly before: number | null; readonly limit: number },
): Promise<{ items: ManualLinkEntry[]; next: number | null }> {
  let select = db
    .selectFrom('manual_links as m')
    .innerJoin('repositories as r', 'r.id', 'm.repository_id')
    .innerJoin('accounts as a', 'a.id', 'r.account_id')
    .select(['m.id', 'm.action', 'm.kind', 'm.repository_id', 'm.entity', 'm.who', 'm.reason', 'm.created_at'])
    .select(['r.path', 'r.web_url', 'a.host'])
    .select(
      sql<string | null>`case m.kind
        when 'commit' then (select c.message from commits c where c.repository_id = m.repository_id and c.sha = m.entity)
        else (select p.title from pull_requests p where p.repository_id = m.repository_id and cast(p.number as text) = m.entity)
      end`.as('title'),
    )
    .where('m.issue_key', 'in', keys)
    .orderBy('m.id', 'desc')
    .limit(page.limit + 1)
  if (page.before !== null) select = select.where('m.id', '<', page.before)
  const rows = await select.execute()
  const last = rows[page.limit - 1]
  return {
    items: rows.slice(0, page.limit).map((row) => ({
      id: row.id,
      action: row.action,
      kind: row.kind,
      repository: { id: String(row.repository_id), name: row.path, url: row.web_url, host: row.host },
      entity: row.entity,
      title: row.title?.split('\n', 1)[0] ?? null,
      who: row.who,
      reason: row.reason,
      at: new Date(row.created_at),
    })),
    next: rows.length > page.limit && last !== undefined ? last.id : null,
  }
}
