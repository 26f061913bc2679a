import type { Reader } from '../database.ts'
import type { StoredBranchRow } from './development-branches.ts'

/** Those of the branches from which a pull request is open. At most some hundred branches. */
export async function findOpenSourceBranches(db: Reader, branches: readonly StoredBranchRow[]): Promise<Set<StoredBranchRow>> {
  if (branches.length === 0) return new Set()
  const rows = await db
    .selectFrom('pull_requests')
    .select(['repository_id', 'source_branch'])
    .distinct()
    .where('status', '=', 'OPEN')
    .where('repository_id', 'in', [...new Set(branches.map(({ repositoryId }) => repositoryId))])
    .where('source_branch', 'in', [...new Set(branches.map(({ name }) => name))])
    .execute()
  const open = new Set(rows.map((row) => `${row.repository_id} ${row.source_branch}`))
  return new Set(branches.filter((branch) => open.has(`${branch.repositoryId} ${branch.name}`)))
}
