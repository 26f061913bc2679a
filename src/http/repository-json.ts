import { describeLeftOut } from '../app/accounts/describe-left-out.ts'
import type { RepositoryJson, SyncEntryJson } from '../contract/repository.ts'
import { readSmartCommitErrors } from '../db/views/smart-commits.ts'
import type { readSyncs } from '../db/views/repositories.ts'
import { findWebhookOf, partsOfAsker } from '../domain/asker.ts'
import type { Repository } from '../domain/repository.ts'
import type { RouteContext } from './http-app.ts'

type SyncEntry = Awaited<ReturnType<typeof readSyncs>>['items'][number]

const ERRORS_SHOWN_MS = 7 * 24 * 60 * 60_000

/** What lists show of repositories, in their order. */
export async function toRepositoryJsons(
  app: RouteContext['app'],
  repositories: readonly Repository[],
): Promise<RepositoryJson[]> {
  const since = app.clock.now().getTime() - ERRORS_SHOWN_MS
  const ids = repositories.map(({ id }) => id)
  const errors = await readSmartCommitErrors(app.db.read, ids, since)
  const unlinked = repositories.filter(({ linked }) => !linked).map(({ id }) => id)
  const leftOut = await describeLeftOut(app.db.read, unlinked)
  return repositories.map((repository) => {
    const { id } = repository
    return toJson(repository, { smartCommitErrors: errors.get(id) ?? 0, leftOut: leftOut.get(id) ?? null })
  })
}

export async function toRepositoryJson(app: RouteContext['app'], repository: Repository): Promise<RepositoryJson> {
  const [json] = await toRepositoryJsons(app, [repository])
  return json ?? toJson(repository, { smartCommitErrors: 0, leftOut: null })
}

function toJson(repository: Repository, more: Pick<RepositoryJson, 'smartCommitErrors' | 'leftOut'>): RepositoryJson {
  const { sync } = repository
  return {
    id: repository.id,
    accountId: repository.accountId,
    hostId: repository.hostId,
    name: repository.name,
    url: repository.url,
    linked: repository.linked,
    leftOut: more.leftOut,
    smartCommits: repository.smartCommits,
    smartCommitErrors: more.smartCommitErrors,
    lastActivity: repository.lastActivity?.toISOString() ?? null,
    sync: {
      state: sync.state,
      mode: sync.mode,
      step: sync.step,
      startedAt: sync.startedAt?.toISOString() ?? null,
      finishedAt: sync.finishedAt?.toISOString() ?? null,
      progress: sync.progress,
      error: sync.error,
    },
    webhook: repository.webhook,
  }
}

export function toSyncEntryJson(entry: SyncEntry): SyncEntryJson {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    ...entry,
    startedAt: entry.startedAt.toISOString(),
    finishedAt: entry.finishedAt?.toISOString() ?? null,
    askedBy: toAskedByJson(entry.askedBy),
    steps: entry.steps.map(({ step, startedAt, finishedAt }) => ({
      step,
      startedAt: time(startedAt),
      finishedAt: time(finishedAt),
    })),
  }
}

function toAskedByJson(askedBy: SyncEntry['askedBy']): SyncEntryJson['askedBy'] {
  if (askedBy === null) return null
  const webhook = findWebhookOf(askedBy)
  return { ...partsOfAsker(askedBy), delivery: webhook === null ? null : `in-${webhook}` }
}
