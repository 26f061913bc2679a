import type { OriginalRepository } from '../contract/original-repository.ts'
import type { SmartCommitJson } from '../contract/smart-commit.ts'
import { readForkOrigins, readNewestSyncs } from '../db/views/repositories.ts'
import { readSmartCommitErrors, readSmartCommits } from '../db/views/smart-commits.ts'
import type { RepositoryId } from '../domain/ids.ts'
import type { Repository } from '../domain/repository.ts'
import type { RouteContext } from './http-app.ts'
import { toSmartCommitJsons } from './smart-commit-json.ts'

type SmartCommitErrors = NonNullable<OriginalRepository['sync']>['smartCommitErrors']

/** What is told of repositories besides what they are. */
interface Details {
  readonly origins: Awaited<ReturnType<typeof readForkOrigins>>
  readonly newest: Awaited<ReturnType<typeof readNewestSyncs>>
  readonly errors: ReadonlyMap<RepositoryId, SmartCommitErrors>
}

const ERRORS_TOLD_MS = 7 * 24 * 60 * 60_000
const MOST_ERRORS = 20

/** Repositories as Atlassian's connector told them; what it knew and we do not is null, or as docs/compatibility.md says. */
export async function toOriginalRepositories(
  app: RouteContext['app'],
  repositories: readonly Repository[],
): Promise<OriginalRepository[]> {
  const ids = repositories.map(({ id }) => id)
  const [origins, newest, errors] = await Promise.all([
    readForkOrigins(app.db.read),
    readNewestSyncs(app.db.read, ids),
    readErrors(app, ids),
  ])
  return repositories.map((repository) => toOriginalRepository(repository, { origins, newest, errors }))
}

/** Of the newest smart commits that failed within a week, by repository. */
async function readErrors(app: RouteContext['app'], ids: readonly RepositoryId[]): Promise<Details['errors']> {
  const since = app.clock.now().getTime() - ERRORS_TOLD_MS
  const errors = new Map<RepositoryId, SmartCommitErrors>()
  for (const repositoryId of (await readSmartCommitErrors(app.db.read, ids, since)).keys()) {
    const page = { repositoryId, state: 'failed', before: null, limit: MOST_ERRORS } as const
    const { items } = await readSmartCommits(app.db.read, page)
    const failed = items.filter(({ executedAt }) => executedAt !== null && executedAt.getTime() >= since)
    errors.set(repositoryId, (await toSmartCommitJsons(app, failed)).flatMap(toErrors).slice(0, MOST_ERRORS))
  }
  return errors
}

function toErrors({ commit, problem, actions }: SmartCommitJson): SmartCommitErrors {
  const problems = actions.flatMap((action) => action.problem ?? [])
  return (problems.length === 0 && problem !== null ? [problem] : problems).map(({ message }) => ({
    shortChangesetNode: commit.displayId,
    commitUrl: commit.url,
    error: message,
  }))
}

function toOriginalRepository(repository: Repository, details: Details): OriginalRepository {
  const { origins } = details
  const { owner, slug } = split(repository.name)
  const origin = origins.get(repository.id) ?? null
  const lastActivity = repository.lastActivity?.getTime() ?? null
  return {
    id: Number(repository.id),
    organizationId: repository.accountId,
    dvcsType: 'gitlab',
    slug,
    name: slug,
    lastCommitDate: lastActivity,
    linked: repository.linked,
    deleted: repository.missing,
    smartcommitsEnabled: repository.smartCommits,
    owner,
    activityLastSync: repository.sync.finishedAt?.getTime() ?? null,
    lastActivityDate: lastActivity,
    repositoryUrl: repository.url,
    logo: null,
    fork: origins.has(repository.id),
    forkOf: origin === null ? null : toFork(origin),
    sync: toProgress(repository, details),
  }
}

function split(path: string): { owner: string; slug: string } {
  const at = path.lastIndexOf('/')
  return { owner: path.slice(0, Math.max(0, at)), slug: path.slice(at + 1) }
}

function toFork({ name, url }: { name: string; url: string }): NonNullable<OriginalRepository['forkOf']> {
  const { owner, slug } = split(name)
  return { slug, name: slug, owner, repositoryUrl: url }
}

/** null: it was never synchronised and none waits. */
function toProgress({ id, sync }: Repository, { newest, errors }: Details): OriginalRepository['sync'] {
  const running = sync.state === 'running' || sync.state === 'queued'
  if (sync.startedAt === null && !running) return null
  return {
    finished: !running,
    changesetCount: sync.progress.commits,
    jiraCount: sync.progress.issues,
    pullRequestActivityCount: sync.progress.pullRequests,
    synchroErrorCount: sync.error === null ? 0 : 1,
    startTime: sync.startedAt?.getTime() ?? 0,
    finishTime: running ? 0 : (sync.finishedAt?.getTime() ?? 0),
    error: sync.error?.message ?? null,
    errorTitle: sync.error?.code ?? null,
    firstMessageTime: null,
    flightTimeMs: 0,
    numRequests: newest.get(id)?.requests ?? 0,
    softsync: sync.mode === 'soft',
    webHookSync: newest.get(id)?.trigger === 'webhook',
    warning: false,
    smartCommitErrors: errors.get(id) ?? [],
  }
}
