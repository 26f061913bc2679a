import type { DriftKind } from '../../domain/drift.ts'
import type { Repository } from '../../domain/repository.ts'
import { listBranches } from '../../db/stores/branches.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { findNewerRuns } from './compare-runs.ts'
import { equalsStored, listRefs } from './locate-repository.ts'

interface Compared {
  readonly repository: Repository
  readonly connection: HostConnection
}

/**
 * Compares what is stored of a repository with the host: its branches (one listing of refs) and the times of its newest
 * change of a pull request, of a build and of a deployment (one request each). Reads only. What was deleted of these is not
 * seen: hosts tell nothing of it, a full synchronisation removes it.
 *
 * @returns what differs; none: it is proved
 * @throws ConnectorError when the host did not tell, which proves nothing
 */
export async function compareWithHost(app: AppContext, compared: Compared, signal: AbortSignal): Promise<DriftKind[]> {
  const refs = await compareRefs(app, compared, signal)
  if (refs === 'missing') return ['missing-repository']
  const newer = await hasNewerPullRequest(compared, signal)
  const runs = await findNewerRuns(app, compared, signal)
  return [...(refs === 'different' ? (['refs'] as const) : []), ...(newer ? (['pull-requests'] as const) : []), ...runs]
}

async function compareRefs(
  app: AppContext,
  { repository, connection }: Compared,
  signal: AbortSignal,
): Promise<'equal' | 'different' | 'missing'> {
  if (!repository.gitEnabled) return 'equal'
  const stored = await listBranches(app.db.read, repository.id)
  const here = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const first = await listRefs(app, { connection, at: here }, signal)
  if ('refs' in first && equalsStored(first.refs.refs, stored)) return 'equal'
  // Git knows names, not ids: another project may have taken this one's, and a refusal may be a deletion.
  const found = await connection.findRepository(repository.hostId, signal)
  if (found === null) return 'missing'
  // Switched off meanwhile, which the next sweep sees in its listing.
  if (!found.gitEnabled) return 'equal'
  const listed = found.path === repository.name ? first : await listRefs(app, { connection, at: found }, signal)
  if ('refused' in listed) throw listed.refused
  return equalsStored(listed.refs.refs, stored) ? 'equal' : 'different'
}

async function hasNewerPullRequest({ repository, connection }: Compared, signal: AbortSignal): Promise<boolean> {
  if (!repository.pullRequestsEnabled) return false
  const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const last = await findLastUpdate(connection, address, signal)
  return last !== null && last.getTime() > (repository.pullRequestsSince?.getTime() ?? Number.NEGATIVE_INFINITY)
}

/** null too when the host keeps the list from this account: then there is nothing to compare with. */
async function findLastUpdate(connection: HostConnection, address: HostRepositoryRef, signal: AbortSignal): Promise<Date | null> {
  try {
    return await connection.findLastPullRequestUpdate(address, signal)
  } catch (error) {
    if (isConnectorError(error, 'list-refused')) return null
    throw error
  }
}
