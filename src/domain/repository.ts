import type { AccountId, HostId, RepositoryId } from './ids.ts'
import type { Problem } from './problem.ts'

/** soft: what changed since the last time. full: everything is read again beside the old data, then swapped. */
export type SyncMode = 'soft' | 'full'

/**
 * Synchronisation of one repository:
 *
 * - idle → queued: the schedule, a webhook, the button or the command line asks for it.
 * - queued → running: a worker takes the job. queued → idle: cancelled.
 * - running → idle: everything was stored. A request that came meanwhile (`requested`) goes to queued instead.
 * - running → retrying: a passing failure; back to queued at `retryAt`.
 * - running → paused: credentials, permission, or a rate limit until `retryAt`; the next request goes to queued.
 * - running → idle with the error `cancelled`: cancelled, from any node; what was remembered meanwhile is forgotten.
 * - running → queued: the process died, found at the next start. Among many nodes it stays running until the queue brings
 *   the job back, whose run ends the journal entry of the dead one (and ends at once if it was cancelled meanwhile).
 * - running → paused: the job was given up, because the process died in every try.
 * - any → idle: unlinked, or without an account, found by the job that was to run.
 *
 * A run takes the mode that is asked for when it begins: soft becomes full, never the other way round. A repository that
 * is deleted while running ends its run like a cancellation.
 */
export type SyncState = 'idle' | 'queued' | 'running' | 'retrying' | 'paused'

/** Where a running synchronisation is. */
export type SyncStep = 'fetching' | 'history' | 'pull-requests' | 'finishing' | 'builds'

/** A step that a synchronisation went through, times in ms since 1970. */
export interface SyncStepRun {
  readonly step: SyncStep
  readonly startedAt: number
  readonly finishedAt: number
}

export interface SyncProgress {
  readonly commits: number
  readonly branches: number
  readonly pullRequests: number
  readonly issues: number
}

export interface RepositorySync {
  readonly state: SyncState
  readonly mode: SyncMode
  readonly step: SyncStep | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly retryAt: Date | null
  readonly progress: SyncProgress
  readonly error: Problem | null
}

export interface Repository {
  readonly id: RepositoryId
  readonly accountId: AccountId
  readonly hostId: HostId
  /** Full path at the host: an attribute that changes. */
  readonly name: string
  readonly url: string
  readonly defaultBranch: string | null
  readonly linked: boolean
  readonly smartCommits: boolean
  readonly archived: boolean
  readonly empty: boolean
  readonly gitEnabled: boolean
  readonly pullRequestsEnabled: boolean
  readonly missing: boolean
  readonly lastActivity: Date | null
  /** False: nothing was imported yet, or the last import broke off. */
  readonly historyComplete: boolean
  readonly generation: number
  readonly rulesVersion: number
  readonly pullRequestsSince: Date | null
  readonly sync: RepositorySync
  readonly webhook: { readonly state: WebhookState; readonly reason: string | null }
}

export type WebhookState = 'live' | 'polling' | 'broken' | 'off'
