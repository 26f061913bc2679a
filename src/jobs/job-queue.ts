import type { Reader, Tx } from '../db/database.ts'
import type { Asker } from '../domain/asker.ts'
import type { AccountId, RepositoryId } from '../domain/ids.ts'

/** What can be asked for, with the payload of each. Payloads are stored as JSON and hold ids, never state. */
export interface JobPayloads {
  'sweep-account': { accountId: AccountId; trigger: string; askedBy?: Asker }
  /** compare: proves a part of the account's repositories; confirm: looks again at the differences that were seen. */
  'prove-account': { accountId: AccountId; step: 'compare' | 'confirm' }
  'sync-repository': { repositoryId: RepositoryId; trigger: string; askedBy?: Asker }
  'process-webhook': { deliveryId: number }
  'process-webhooks': Record<string, never>
  'rotate-webhook-secret': { accountId: AccountId }
  'check-credentials': { accountId: AccountId }
  deliver: Record<string, never>
  'refresh-projects': Record<string, never>
  'prune-journals': Record<string, never>
  'poll-jira': Record<string, never>
  'load-files': Record<string, never>
  'execute-smart-commits': { repositoryId: RepositoryId }
  'delete-account': { accountId: AccountId }
  'run-triggers': Record<string, never>
}

export type JobName = keyof JobPayloads
/** Who goes first among the jobs of one name that are due. */
export type JobPriority = 'webhook' | 'scheduled' | 'first-import'

export interface JobRequest<N extends JobName = JobName> {
  readonly name: N
  readonly payload: JobPayloads[N]
  /** At most one job waits per key, and jobs of one key never run at the same time, on any node. At most 500 characters. */
  readonly key: string
  /** Default: now. A later time never postpones a job that waits; an earlier one pulls it forward. */
  readonly runAt?: Date
  /** Default: `scheduled`. */
  readonly priority?: JobPriority
  /** Orders the first imports of one party: lower goes first; default 0. At most `MAX_RANK` counts. */
  readonly rank?: number
  /** Whom it is for, such as an account: names of `SHARED_NAMES` give each party its share of the places. Default: nobody. */
  readonly party?: string
}

/**
 * The durable queue. Every job runs at least once: handlers are idempotent.
 *
 * A request for a key
 * - of which nothing waits or runs: a new job waits;
 * - of which a job waits (for its time, or for its next try): both become one, with the newer payload, the earlier time,
 *   the more urgent priority, and tries counted from the start;
 * - of which a job runs: it is remembered and runs after that one, whatever comes of it.
 */
export interface JobQueue {
  /**
   * Adds a job as part of the caller's transaction; workers wake right after the commit. Call it last in the transaction,
   * and several keys in sorted order: on PostgreSQL the key stays locked until the commit.
   */
  add<N extends JobName>(tx: Tx, request: JobRequest<N>): Promise<void>
  /** Adds jobs of different keys like `add`; sorts them itself. */
  addAll<N extends JobName>(tx: Tx, requests: readonly JobRequest<N>[]): Promise<void>
  /** Removes the waiting (or remembered) job of the key; true if there was one. A running one goes on. */
  cancel(tx: Tx, key: string): Promise<boolean>
  /** Of a clock that was set back by so many ms: what waits for a later time waits for one that much earlier. */
  pullForward(tx: Tx, byMs: number): Promise<void>
  /** Starts working. Jobs that a dead process was working on wait again, its attempt counted. */
  start(handlers: JobHandlers, options: WorkOptions): Promise<RunningJobs>
  stats(db: Reader): Promise<QueueStats>
  /** The same by name; names of which nothing waits or runs are absent. */
  statsByName(db: Reader): Promise<ReadonlyMap<string, QueueStats>>
}

export interface JobContext {
  /**
   * Its reason is a ConnectorError: `job-cancelled` after `abort`; `job-interrupted` when the process stops, or when this
   * node lost its connection and another may take the job over.
   */
  readonly signal: AbortSignal
  /** 1 for the first try. */
  readonly attempt: number
}

/**
 * A handler that rejects is tried again: at `ConnectorError.retryAt` if that is ahead, else after an exponential back-off.
 * After 25 tries in a row `onGiveUp` is called and the job is forgotten.
 */
export type JobHandlers = { readonly [N in JobName]: (payload: JobPayloads[N], context: JobContext) => Promise<void> }

export interface WorkOptions {
  /** How many jobs of a name run at once on this node; default 1, 0 leaves them to other nodes. Names never wait for each other. */
  readonly concurrency: Readonly<Partial<Record<JobName, number>>>
  /** Told of a job that failed for good, before it is forgotten; may be told twice when the process dies meanwhile. */
  readonly onGiveUp?: GiveUpHook
}

export type GiveUpHook = <N extends JobName>(name: N, payload: JobPayloads[N], error: unknown) => Promise<void>

export interface RunningJobs {
  /**
   * Takes no more jobs, gives the running ones a few seconds, then aborts their signals and waits for them. What was
   * interrupted waits again, without counting as an attempt.
   */
  stop(): Promise<void>
  /** Aborts the running job of this key, if this process runs it: it is not tried again; a remembered request still runs. */
  abort(key: string): void
}

export interface QueueStats {
  /** Waiting for their time, a worker, or the end of the running job of their key. */
  readonly waiting: number
  readonly running: number
  /** How long ago the oldest waiting job became due, in ms; 0 when none is due. */
  readonly oldestWaitingMs: number
}

/** Lower runs first; the gaps leave room. */
export const PRIORITY_NUMBERS: Readonly<Record<JobPriority, number>> = { webhook: 0, scheduled: 10, 'first-import': 20 }

/** Priorities are stored in 16 bits (graphile-worker). */
export const MAX_RANK = 30_000

/** What is stored as the priority of a job: ranks are of the last level, so that they reach into no other. */
export function toPriorityNumber({ priority = 'scheduled', rank = 0 }: Pick<JobRequest, 'priority' | 'rank'>): number {
  const level = PRIORITY_NUMBERS[priority]
  return priority === 'first-import' ? level + Math.min(MAX_RANK, Math.max(0, Math.floor(rank))) : level
}

/** Names whose places are shared out among parties, see `fair-share.ts`. */
export const SHARED_NAMES: ReadonlySet<JobName> = new Set(['sync-repository'])

/** Every name, for drivers that set up one lane per name. */
export const JOB_NAMES: readonly JobName[] = [
  'sweep-account',
  'prove-account',
  'sync-repository',
  'process-webhook',
  'process-webhooks',
  'rotate-webhook-secret',
  'check-credentials',
  'deliver',
  'refresh-projects',
  'prune-journals',
  'poll-jira',
  'load-files',
  'execute-smart-commits',
  'delete-account',
  'run-triggers',
]
