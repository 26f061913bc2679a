import type { RepositoryJson, SyncEntryJson } from '../../../../src/contract/repository.ts'

type Sync = RepositoryJson['sync']

const STEPS = ['fetching', 'history', 'pull-requests', 'finishing', 'builds'] as const

export const STEP_LABELS: Readonly<Record<NonNullable<Sync['step']>, string>> = {
  fetching: 'Fetching',
  history: 'Reading history',
  'pull-requests': 'Reading merge requests',
  finishing: 'Finishing',
  builds: 'Reading builds',
}

export interface SyncEstimate {
  /** 0 to 1; null: not known, and the bar only shows that it goes on. */
  readonly share: number | null
  readonly leftMs: number | null
}

/**
 * How far a synchronisation may have come: by what the last one of the same kind took and stored. Without one, or when it takes
 * longer than that one, the time is not known, and its step alone tells.
 */
export function estimateSync(sync: Sync, before: readonly SyncEntryJson[], nowMs: number): SyncEstimate {
  if (sync.startedAt === null) return { share: null, leftMs: null }
  const last = before.find(({ mode, outcome, finishedAt }) => mode === sync.mode && outcome === 'done' && finishedAt !== null)
  const elapsedMs = Math.max(0, nowMs - Date.parse(sync.startedAt))
  if (last?.finishedAt) {
    const tookMs = Date.parse(last.finishedAt) - Date.parse(last.startedAt)
    if (tookMs > elapsedMs) return { share: elapsedMs / tookMs, leftMs: tookMs - elapsedMs }
  }
  return { share: sync.step === null ? null : (STEPS.indexOf(sync.step) + 0.5) / STEPS.length, leftMs: null }
}
