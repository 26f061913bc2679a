import { join } from 'node:path'
import { listBranches } from '../../db/stores/branches.ts'
import { createMirror, type Mirror } from '../../git/mirror.ts'
import { listRemoteRefs } from '../../git/protocol.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { Repository } from '../../domain/repository.ts'
import { openApiHistory } from './api-history.ts'
import { openGitHistory } from './git-history.ts'
import type { HistorySource } from './history-source.ts'
import { emptyHistory } from './no-history.ts'
import type { SyncRun } from './sync-run.ts'

/** The mirror of a repository: named by numeric ids, which never change. */
export function mirrorOf(app: AppContext, repository: Pick<Repository, 'id'>): Mirror {
  const folder = join(app.settings.dataDir, 'git', `${repository.id}.git`)
  return createMirror({ folder, git: app.git, log: app.log })
}

/**
 * Chooses how the history is read: a partial clone; where the server offers none a full bare clone up to the configured
 * size; beyond it, or where Git is refused although the API answers, the API.
 */
export async function openHistory(run: SyncRun): Promise<HistorySource> {
  const { app, connection, repository, signal } = run
  const stored = await listBranches(app.db.read, repository.id)
  if (!repository.gitEnabled) return emptyHistory(stored)
  const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  // After a change of the rule the stored branches are still true: the mirror is read again, nothing need be fetched.
  const trusted = !run.full && repository.historyComplete
  const overApi = () => openApiHistory({ connection, repository: address, defaultBranch: repository.defaultBranch, stored, trusted, signal })

  const remote = connection.gitRemote(address)
  const refs = await listRemoteRefs({ http: app.http, remote, prefixes: ['refs/heads/'], signal }).catch((error: unknown) => {
    // A token with read_api alone reads the API but not Git; an installation may have Git over HTTP switched off.
    if (isConnectorError(error, 'permission-missing') || isConnectorError(error, 'not-found')) return null
    throw error
  })
  // "Empty" is as old as the last listing: a first push since then is told by a webhook.
  if (repository.empty && (refs === null || refs.refs.size === 0)) return emptyHistory(stored)
  if (refs === null) return overApi()
  if (!refs.supportsFilter) {
    const size = await connection.findRepositorySize(address, signal)
    if (size === null || size > app.settings.fullCloneLimitBytes) return overApi()
  }
  return openGitHistory({
    mirror: mirrorOf(app, repository),
    http: app.http,
    remote,
    refs,
    stored,
    trusted,
    pullRequestRef: (number) => connection.pullRequestRef(number),
    onFetch: async () => {
      run.progress.step('fetching')
      await app.db.write('background', (tx) => run.progress.save(tx))
    },
    signal,
  })
}
