import { isDeepStrictEqual } from 'node:util'
import type { GitRemote } from '../../domain/git-remote.ts'
import type { Sha } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { StoredBranch } from '../../db/stores/branches.ts'
import { findRepository, setRepositoryAttributes } from '../../db/stores/repositories.ts'
import { listRemoteRefs, type RemoteRefs } from '../../git/protocol.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { SyncRun } from './sync-run.ts'

const HEADS = 'refs/heads/'

/** The host's branches over Git; an error where Git is refused although the repository is there. */
export type ListedRefs = { readonly refs: RemoteRefs } | { readonly refused: ConnectorError }

export interface LocatedRepository {
  /** With the repository's name and attributes of today. */
  readonly run: SyncRun
  readonly listed: ListedRefs
}

/**
 * Lists the branches at the address where the repository is today. Git knows names, not ids, and another project may
 * have taken the stored name meanwhile: unless the branches equal the stored ones, the host is asked by the id.
 *
 * @throws ConnectorError `not-found` when the host does not know the repository any more, and those of the network
 */
export async function locateRepository(
  run: SyncRun,
  known: { stored: readonly StoredBranch[]; trusted: boolean },
): Promise<LocatedRepository> {
  const { app, connection, repository, signal } = run
  const before = await listRefs(app, { connection, at: toAddress(repository) }, signal)
  if (known.trusted && 'refs' in before && equalsStored(before.refs.refs, known.stored)) return { run, listed: before }
  const found = await connection.findRepository(repository.hostId, signal)
  if (found === null) {
    throw new ConnectorError('not-found', {
      userMessage: `${repository.name} was asked for by its id ${repository.hostId}; the host answered that there is none, or that the token may not see it.`,
      remedy: 'Look whether it was deleted, or whether the token lost its access to it.',
    })
  }
  await app.db.write('background', (tx) => setRepositoryAttributes(tx, repository.id, found))
  const today: SyncRun = { ...run, repository: (await findRepository(app.db.read, repository.id)) ?? repository }
  if (found.path !== repository.name) {
    app.log.info({ repositoryId: repository.id, from: repository.name, to: found.path }, 'repository was renamed')
    return refuseRedirect({ run: today, listed: await listRefs(app, { connection, at: toAddress(today.repository) }, signal) })
  }
  return refuseRedirect({ run: today, listed: before })
}

/** Lists the branches at an address: one small request. Throws what says nothing about the repository, such as a host that is away. */
export async function listRefs(
  { http }: Pick<AppContext, 'http'>,
  { connection, at }: { readonly connection: HostConnection; readonly at: HostRepositoryRef },
  signal: AbortSignal,
): Promise<ListedRefs> {
  const list = (remote: GitRemote) => listRemoteRefs({ http, remote, prefixes: [HEADS], signal })
  try {
    return { refs: await connection.withGitRemote(at, list, signal) }
  } catch (error) {
    // A token with read_api alone reads the API but not Git; an installation may have Git over HTTP switched off.
    if (isConnectorError(error, 'permission-missing') || isConnectorError(error, 'not-found')) return { refused: error }
    // What a renamed repository answers at its old address.
    if (isConnectorError(error, 'redirect-refused')) return { refused: error }
    throw error
  }
}

const toAddress = ({ hostId, name, url }: Repository): HostRepositoryRef => ({ hostId, path: name, webUrl: url })

function refuseRedirect(located: LocatedRepository): LocatedRepository {
  if ('refused' in located.listed && isConnectorError(located.listed.refused, 'redirect-refused')) throw located.listed.refused
  return located
}

/** Whether the branches that the host lists are the stored ones, so that there is nothing to fetch. */
export function equalsStored(refs: ReadonlyMap<string, Sha>, stored: readonly StoredBranch[]): boolean {
  const host = new Map([...refs].filter(([name]) => name.startsWith(HEADS)).map(([name, sha]) => [name.slice(HEADS.length), sha]))
  return isDeepStrictEqual(host, new Map(stored.map(({ name, head }) => [name, head])))
}
