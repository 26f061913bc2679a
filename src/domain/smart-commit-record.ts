import type { IssueKey, RepositoryId, Sha } from './ids.ts'
import type { Problem } from './problem.ts'

/**
 * A commit whose message commands something, from the synchronisation that met it to its end:
 *
 * - (new) → found: a synchronisation met it on a branch; a job that executes it waits, of the same transaction.
 * - (new) → skipped: it is not executed, and `problem` says why: too old, met by a full synchronisation, it takes another
 *   one back, or all that it commands was executed already by the same commit (a cherry-pick, a rebase, a fork).
 * - found → executing: the job began with its first command.
 * - executing → done: every command was executed. executing → failed: at least one was not, and says why.
 * - found, executing → skipped: smart commits were switched off before it was its turn. found → skipped: it is a merge
 *   commit, or became too old while Jira was away, and nobody asked for it.
 * - skipped, failed → found: a person asked for it; commands that are done stay done.
 *
 * Each command on each issue is an action of its own:
 *
 * - found → executing: stored before the call that changes something. executing → done, failed: stored after Jira answered.
 * - executing, found at a start: the process died, or Jira did not answer. Jira is asked whether it was done; only what is
 *   not there is executed. So nothing is done twice and nothing is lost, whenever the process dies.
 * - found → failed: without asking Jira to change anything, because the author or the issue is not known, or not allowed.
 * - found → done, failed: it ends as another action of the same command did, whose key leads to the same issue.
 * - failed → found: a person asked for it.
 * - (new), found → skipped: it was executed already by the same commit before it was amended by others of its commands, or
 *   by one of those that were squashed into this one.
 * - skipped → found: a person asked for it, and no other commit did it.
 */
export type SmartCommitState = 'found' | 'executing' | 'done' | 'failed' | 'skipped'

export type SmartCommitActionState = 'found' | 'executing' | 'done' | 'failed' | 'skipped'

/** In whose name something was done in Jira: with the connector's credentials, or with the author's own token. */
export type SmartCommitActor = 'connector' | 'author'

/** One command on one issue. */
export interface SmartCommitAction {
  readonly id: number
  /** 0 for the first of its commit. */
  readonly position: number
  readonly key: IssueKey
  /** As written, without `#`. */
  readonly name: string
  readonly argument: string
  readonly state: SmartCommitActionState
  /** How often it was tried, counted before anybody is asked; 0 again when a person asks for it. */
  readonly attempts: number
  /** What was done, in words; null: nothing yet. */
  readonly summary: string | null
  readonly problem: Problem | null
  /** Jira's id of what was made, such as a comment; of a transition under way the name of the status that it leads to. */
  readonly jiraId: string | null
  readonly actor: SmartCommitActor | null
  /** Jira's name of the author, once it was found out. */
  readonly userName: string | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

export interface SmartCommitRecord {
  readonly id: string
  readonly repositoryId: RepositoryId
  readonly sha: Sha
  readonly author: { readonly name: string; readonly email: string | null }
  readonly authoredAt: Date
  /** What the author's clock was ahead of UTC, in minutes. */
  readonly offsetMinutes: number
  /** It has several parents. */
  readonly merge: boolean
  /** What it commands, see `app/smart-commits/smart-commit-lines.ts`. */
  readonly lines: string
  /** Of all its commands as one. */
  readonly fingerprint: string
  readonly state: SmartCommitState
  /** Why it was skipped. */
  readonly problem: Problem | null
  /** The synchronisation that met it; null: it is not known any more. */
  readonly syncId: number | null
  readonly recordedAt: Date
  readonly executedAt: Date | null
  /** Who asked that it be executed; null: nobody, it was new. */
  readonly askedBy: string | null
  readonly actions: readonly SmartCommitAction[]
}
