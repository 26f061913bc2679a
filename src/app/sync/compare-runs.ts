import type { HostId, RepositoryId } from '../../domain/ids.ts'
import { findListingMark, type ListedKind } from '../../db/stores/listing-marks.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'
import { FIRST_LOOK_BACK_MS } from './read-changes.ts'

interface Compared {
  readonly id: RepositoryId
  readonly hostId: HostId
  readonly name: string
  readonly url: string
}

/**
 * Compares how far the builds and deployments of a repository were read with the host's newest ones: two requests of one
 * item each. Reads only.
 *
 * @returns which of both lists has newer ones
 * @throws ConnectorError when the host did not tell
 */
export async function findNewerRuns(
  app: AppContext,
  { repository, connection }: { repository: Compared; connection: HostConnection },
  signal: AbortSignal,
): Promise<ListedKind[]> {
  const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const newer: ListedKind[] = []
  for (const kind of ['builds', 'deployments'] as const) {
    const last = await findLast(connection, { kind, address }, signal)
    if (last !== null && last.getTime() > (await findReadUntil(app, repository.id, kind))) newer.push(kind)
  }
  return newer
}

function findLast(
  connection: HostConnection,
  { kind, address }: { kind: ListedKind; address: HostRepositoryRef },
  signal: AbortSignal,
): Promise<Date | null> {
  return kind === 'builds'
    ? connection.findLastBuildUpdate(address, signal)
    : connection.findLastDeploymentUpdate(address, signal)
}

/** What is older than the first look back is not there to be read. */
async function findReadUntil({ db, clock }: AppContext, id: RepositoryId, kind: ListedKind): Promise<number> {
  const since = (await findListingMark(db.read, id, kind))?.since ?? null
  return since ?? clock.now().getTime() - FIRST_LOOK_BACK_MS
}
