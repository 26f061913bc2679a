import type { Reader } from '../database.ts'
import { isPast, noiseOf, toShown, visible, type DevelopmentPosition, type MaybeHidden, type Scope } from './development-scope.ts'

export interface StoredBranchRow extends MaybeHidden {
  readonly repositoryId: number
  readonly name: string
  readonly head: string
  readonly headAt: number
}

export const branchPosition = (row: StoredBranchRow): DevelopmentPosition => [row.headAt, row.repositoryId, row.name]

/** Those of an issue, newest first, and how many there are in all. */
export async function readBranches(
  db: Reader,
  scope: Scope,
): Promise<{ rows: StoredBranchRow[]; counts: { shown: number; hidden: number } }> {
  const noise = noiseOf(scope)
  const found = await db
    .selectFrom('branch_keys as k')
    .innerJoin('branches as b', (join) => join.onRef('b.repository_id', '=', 'k.repository_id').onRef('b.name', '=', 'k.name'))
    .select(['b.repository_id', 'b.name', 'b.head', 'b.head_at'])
    .distinct()
    .where('k.issue_key', 'in', scope.keys)
    .where('b.repository_id', 'in', visible(db, scope))
    .execute()
  const rows = found
    .map((row) => ({
      repositoryId: row.repository_id,
      name: row.name,
      head: row.head,
      headAt: row.head_at,
      hidden: noise.branch(row.name),
    }))
    .sort((a, b) => b.headAt - a.headAt || b.repositoryId - a.repositoryId || (a.name < b.name ? 1 : -1))
  const hidden = rows.filter((row) => row.hidden).length
  const page = toShown(rows, scope).filter((row) => isPast(scope, branchPosition(row)))
  return { rows: page.slice(0, scope.limit), counts: { shown: rows.length - hidden, hidden } }
}
