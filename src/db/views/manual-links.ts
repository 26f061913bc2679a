import type { IssueKey } from '../../domain/ids.ts'
import type { ManualMark } from '../../domain/development-information.ts'
import type { Reader } from '../database.ts'

/** What administrators said about one kind and the issue: ids of ours. */
export interface ManualLinksOfKind {
  readonly linked: ReadonlyMap<number, ManualMark>
  readonly unlinked: ReadonlySet<number>
}

export interface ManualLinks {
  readonly commits: ManualLinksOfKind
  readonly pullRequests: ManualLinksOfKind
}

const NONE: ManualLinksOfKind = { linked: new Map(), unlinked: new Set() }

/** Links by hand under any key of an issue, as far as what they are about is stored. */
export async function readManualLinks(db: Reader, keys: readonly IssueKey[]): Promise<ManualLinks> {
  const any = await db.selectFrom('manual_links').select('id').where('issue_key', 'in', keys).limit(1).executeTakeFirst()
  if (any === undefined) return { commits: NONE, pullRequests: NONE }
  const commits = await db
    .selectFrom('manual_links as m')
    .innerJoin('commits as e', (join) => join.onRef('e.repository_id', '=', 'm.repository_id').onRef('e.sha', '=', 'm.entity'))
    .select(['e.id', 'm.action', 'm.who', 'm.reason', 'm.created_at'])
    .where('m.kind', '=', 'commit')
    .where('m.issue_key', 'in', keys)
    .orderBy('m.id')
    .execute()
  const pullRequests = await db
    .selectFrom('manual_links as m')
    .innerJoin('pull_requests as e', (join) =>
      join
        .onRef('e.repository_id', '=', 'm.repository_id')
        .on((on) => on(on.cast<string>('e.number', 'text'), '=', on.ref('m.entity'))),
    )
    .select(['e.id', 'm.action', 'm.who', 'm.reason', 'm.created_at'])
    .where('m.kind', '=', 'pullRequest')
    .where('m.issue_key', 'in', keys)
    .orderBy('m.id')
    .execute()
  return { commits: toLinks(commits), pullRequests: toLinks(pullRequests) }
}

interface ManualRow {
  readonly id: number
  readonly action: 'link' | 'unlink'
  readonly who: string
  readonly reason: string
  readonly created_at: number
}

/** Under several keys of one issue the one said last counts. */
function toLinks(rows: readonly ManualRow[]): ManualLinksOfKind {
  const last = new Map(rows.map((row) => [row.id, row]))
  const linked = [...last.values()].filter(({ action }) => action === 'link')
  return {
    linked: new Map(
      linked.map(({ id, who, reason, created_at }) => [id, { who, reason, at: new Date(created_at).toISOString() }]),
    ),
    unlinked: new Set([...last.values()].filter(({ action }) => action === 'unlink').map(({ id }) => id)),
  }
}
