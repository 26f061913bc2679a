import type { Account } from '../../domain/account.ts'
import type { IssueKeySettings } from '../../domain/issue-key-settings.ts'
import type { Repository, SyncProgress, SyncStep, SyncStepRun } from '../../domain/repository.ts'
import type { Tx } from '../../db/database.ts'
import { holdSync, setSyncProgress } from '../../db/stores/sync-state.ts'
import type { HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import { JOB_CANCELLED } from '../../jobs/job-runner.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import { DELIVERY_DELAY_MS, type AppContext } from '../app-context.ts'
import { wakeDelivery } from '../delivery/delivery-hold.ts'
import type { EventRecorder } from '../triggers/event-recorder.ts'

/** One running synchronisation: what its steps share. */
export interface SyncRun {
  /** Number of its entry in the journal. */
  readonly entry: number
  readonly app: AppContext
  readonly account: Account
  readonly repository: Repository
  readonly connection: HostConnection
  readonly full: boolean
  /** Rules for issue keys, the same from beginning to end. */
  readonly rules: IssueKeySettings
  readonly signal: AbortSignal
  readonly progress: ProgressReport
  /** The first one after the installation was restored from a backup: what it meets may have been acted on before. */
  readonly restored: boolean
  /** The first one after the repository was linked again: what it meets came while it was not. */
  readonly relinked: boolean
  /** What happened, for the rules that wait for it. */
  readonly events: EventRecorder
}

/** Counts of a run; written to the database at most twice a second, together with what was counted. */
export interface ProgressReport {
  readonly counts: { -readonly [K in keyof SyncProgress]: number }
  /** Issue keys met in this run, counted up to a limit that bounds memory. */
  noteIssues(keys: Iterable<string>): void
  step(name: SyncStep): void
  /** The steps so far, the running one ended now. */
  steps(): readonly SyncStepRun[]
  /** Writes the counts inside the caller's transaction when it is time. */
  save(tx: Tx): Promise<void>
}

/** How the host is asked for the repository, and where its pages are. */
export function toRef({ repository }: Pick<SyncRun, 'repository'>): HostRepositoryRef {
  return { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
}

const PROGRESS_INTERVAL_MS = 500
/** About 30 MiB of keys; beyond, the count says "at least". */
const MAX_COUNTED_ISSUES = 300_000

export function createProgressReport(app: AppContext, repository: Repository): ProgressReport {
  const counts = { commits: 0, branches: 0, pullRequests: 0, issues: 0 }
  const issues = new Set<string>()
  let current: SyncStep = 'fetching'
  const begun: { step: SyncStep; startedAt: number }[] = [{ step: current, startedAt: app.clock.now().getTime() }]
  let savedAt = Number.NEGATIVE_INFINITY
  return {
    counts,
    noteIssues(keys) {
      for (const key of keys) if (issues.size < MAX_COUNTED_ISSUES) issues.add(key)
      counts.issues = issues.size
    },
    step(name) {
      if (name !== current) begun.push({ step: name, startedAt: app.clock.now().getTime() })
      current = name
      savedAt = Number.NEGATIVE_INFINITY
    },
    steps: () => begun.map((run, index) => ({ ...run, finishedAt: begun[index + 1]?.startedAt ?? app.clock.now().getTime() })),
    async save(tx) {
      const now = app.clock.monotonicMs()
      if (now - savedAt < PROGRESS_INTERVAL_MS) return
      savedAt = now
      await setSyncProgress(tx, repository.id, { ...counts, step: current })
    },
  }
}

/**
 * What a run stores: `writeChanges` while the repository is there and nobody cancelled the run.
 *
 * @throws ConnectorError `job-cancelled`
 */
export async function writeInRun<T>(
  run: Pick<SyncRun, 'app' | 'repository'>,
  work: (tx: Tx, dueAt: number) => Promise<T>,
): Promise<T> {
  return writeChanges(run.app, async (tx, dueAt) => {
    if (!(await holdSync(tx, run.repository.id))) throw syncCancelled()
    return work(tx, dueAt)
  })
}

/** Ends a run: a person cancelled it, or its repository is gone. */
export function syncCancelled(): ConnectorError {
  return new ConnectorError(JOB_CANCELLED, { userMessage: 'The synchronisation was cancelled.' })
}

/** Changes the database and, in the same transaction, wakes the delivery of what became dirty. */
export async function writeChanges<T>(app: AppContext, work: (tx: Tx, dueAt: number) => Promise<T>): Promise<T> {
  const dueAt = app.clock.now().getTime() + DELIVERY_DELAY_MS
  return app.db.write('background', async (tx) => {
    const result = await work(tx, dueAt)
    if (app.settings.deliver) await wakeDelivery(app, tx, dueAt)
    return result
  })
}
