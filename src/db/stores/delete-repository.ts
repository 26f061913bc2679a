import type { RepositoryId } from '../../domain/ids.ts'
import type { Tx } from '../database.ts'
import { replaceBranches, replaceKeptHeads } from './branches.ts'
import { deleteBuildHeads } from './build-heads.ts'
import { sweepBuilds } from './builds.ts'
import { sweepCommits } from './commits.ts'
import { sweepDeployments } from './deployments.ts'
import { deleteSmartCommits } from './smart-commits.ts'
import { deleteEventsOf } from './development-events.ts'
import { EVERY_GENERATION, sweepPullRequests } from './pull-requests.ts'

/** Deletes the stored entities of a repository in transactions of bounded size; call until it returns 0. */
export async function deleteRepositoryData(
  tx: Tx,
  id: RepositoryId,
  { limit, dueAt }: { limit: number; dueAt: number | null },
): Promise<number> {
  const deleted = await sweepCommits(tx, id, { generation: EVERY_GENERATION, limit, dueAt })
  if (deleted > 0) return deleted
  await replaceBranches(tx, id, { branches: [], dueAt })
  await replaceKeptHeads(tx, id, new Map())
  for (const sweep of [sweepPullRequests, sweepBuilds, sweepDeployments]) {
    const swept = await sweep(tx, id, { generation: EVERY_GENERATION, limit, dueAt })
    if (swept > 0) return swept
  }
  return deleteSmartCommits(tx, id, limit)
}

/** Deletes the repository itself, after its data. */
export async function deleteRepository(tx: Tx, id: RepositoryId): Promise<void> {
  const own = Number(id)
  await deleteBuildHeads(tx, id)
  await deleteEventsOf(tx, id)
  await tx.deleteFrom('manual_links').where('repository_id', '=', own).execute()
  await tx.deleteFrom('listing_marks').where('repository_id', '=', own).execute()
  await tx.deleteFrom('syncs').where('repository_id', '=', own).execute()
  await tx.deleteFrom('repositories').where('id', '=', own).execute()
}
