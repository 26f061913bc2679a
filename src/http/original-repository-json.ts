import type { OriginalRepository } from '../contract/original-repository.ts'
import type { readForkOrigins } from '../db/views/repositories.ts'
import type { Repository } from '../domain/repository.ts'

type Origins = Awaited<ReturnType<typeof readForkOrigins>>

/** A repository as Atlassian's connector told it; what it knew and we do not is null. */
export function toOriginalRepository(repository: Repository, origins: Origins): OriginalRepository {
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
    sync: toProgress(repository),
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
function toProgress({ sync }: Repository): OriginalRepository['sync'] {
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
    numRequests: 0,
    softsync: sync.mode === 'soft',
    webHookSync: false,
    warning: false,
    smartCommitErrors: [],
  }
}
