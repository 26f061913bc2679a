import type { RepositoryJson, SyncEntryJson } from '../contract/repository.ts'
import type { readSyncs } from '../db/views/repositories.ts'
import { findWebhookOf, partsOfAsker } from '../domain/asker.ts'
import type { Repository } from '../domain/repository.ts'

type SyncEntry = Awaited<ReturnType<typeof readSyncs>>['items'][number]

export function toRepositoryJson(repository: Repository): RepositoryJson {
  const { sync } = repository
  return {
    id: repository.id,
    accountId: repository.accountId,
    hostId: repository.hostId,
    name: repository.name,
    url: repository.url,
    linked: repository.linked,
    smartCommits: repository.smartCommits,
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
