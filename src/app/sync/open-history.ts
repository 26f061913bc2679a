import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { listBranches, listKeptHeads, type StoredBranch } from '../../db/stores/branches.ts'
import { createMirror, type Mirror } from '../../git/mirror.ts'
import type { AppContext } from '../app-context.ts'
import type { Repository } from '../../domain/repository.ts'
import { openApiHistory } from './api-history.ts'
import { fetchFirst } from './fetch-first.ts'
import { openGitHistory } from './git-history.ts'
import type { HistorySource } from './history-source.ts'
import { locateRepository } from './locate-repository.ts'
import { emptyHistory } from './no-history.ts'
import type { SyncRun } from './sync-run.ts'

/** The mirror of a repository: named by numeric ids, which never change. */
export function mirrorOf(app: AppContext, repository: Pick<Repository, 'id'>): Mirror {
  return createMirror({ folder: mirrorFolder(app, repository), git: app.git, log: app.log })
}

/** A file that is there when a repository's mirror is. */
export function mirrorHead(app: AppContext, repository: Pick<Repository, 'id'>): string {
  return join(mirrorFolder(app, repository), 'HEAD')
}

function mirrorFolder({ settings }: AppContext, { id }: Pick<Repository, 'id'>): string {
  return join(settings.dataDir, 'git', `${id}.git`)
}

export interface OpenedHistory {
  /** With the repository's name and attributes of today. */
  readonly run: SyncRun
  readonly history: HistorySource
}

/**
 * Chooses how the history is read: a partial clone; where the server offers none a full bare clone up to the configured
 * size; beyond it, or where Git is refused although the API answers, the API. What was read over Git once stays with it:
 * the API does not tell the heads of pull requests, so a passing refusal would remove what they hold.
 */
export async function openHistory(asked: SyncRun): Promise<OpenedHistory> {
  const { app, connection, signal } = asked
  const stored = await listBranches(app.db.read, asked.repository.id)
  if (!asked.repository.gitEnabled) return { run: asked, history: emptyHistory(stored) }
  // After a change of the rule the stored branches are still true: the mirror is read again, nothing need be fetched.
  const trusted = !asked.full && asked.repository.historyComplete
  const { run, listed } = await locateRepository(asked, { stored, trusted })
  const { repository } = run
  const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
  const overApi = async () => ({
    run,
    history: await openApiHistory({
      connection,
      repository: address,
      defaultBranch: repository.defaultBranch,
      stored,
      trusted,
      signal,
    }),
  })

  const isEmpty = repository.empty && ('refused' in listed || listed.refs.refs.size === 0)
  if (isEmpty || !repository.gitEnabled) return { run, history: emptyHistory(stored) }
  const readOverGit = await wasReadOverGit(run)
  if ('refused' in listed) {
    if (readOverGit) throw listed.refused
    return overApi()
  }
  if (!listed.refs.supportsFilter && !readOverGit) {
    const size = await connection.findRepositorySize(address, signal)
    if (size === null || size > app.settings.fullCloneLimitBytes) return overApi()
  }
  if (listed.refs.unusable > 0) {
    app.log.info(
      { repositoryId: repository.id, branches: listed.refs.unusable },
      'branches left out: their names are too long or not UTF-8',
    )
  }
  const history = await openGitHistory({
    mirror: mirrorOf(app, repository),
    http: app.http,
    withRemote: (use) => connection.withGitRemote(address, use, signal),
    refs: listed.refs,
    stored,
    trusted,
    pullRequestRef: (number) => connection.pullRequestRef(number),
    onFetch: async () => {
      run.progress.step('fetching')
      app.requests.note()
      await app.db.write('background', (tx) => run.progress.save(tx))
    },
    fetchFirst: isFirst(run, stored) && listed.refs.unusable === 0 ? (first) => fetchFirst(run, first) : null,
    signal,
  })
  return { run, history }
}

/** Nothing of it was ever stored, so that whatever arrives is new. */
const isFirst = ({ repository }: SyncRun, stored: readonly StoredBranch[]) => repository.generation === 0 && stored.length === 0

/** The mirror may be another node's, or thrown away: then only what it kept beyond the branches counts. */
async function wasReadOverGit({ app, repository }: SyncRun): Promise<boolean> {
  if ((await listKeptHeads(app.db.read, repository.id)).size > 0) return true
  return access(mirrorHead(app, repository)).then(
    () => true,
    () => false,
  )
}
