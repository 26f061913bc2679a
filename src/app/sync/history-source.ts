import type { Sha } from '../../domain/ids.ts'
import type { StoredBranch } from '../../db/stores/branches.ts'

/** A commit as Git or the host gives it, before keys are looked for and text is made storable. */
export interface ReadCommit {
  readonly sha: Sha
  readonly parentCount: number
  readonly authorName: string
  readonly authorEmail: string
  readonly authoredAt: number
  /** What the author's clock was ahead of UTC. */
  readonly authorOffsetMinutes: number
  readonly committedAt: number
  readonly message: string
}

export interface CommitRange {
  /** Commits reachable from these; `all`: from every branch. */
  readonly include: 'all' | readonly Sha[]
  /** … and not from these, or from the first parents of these. */
  readonly exclude: readonly (Sha | `${Sha}^1`)[]
  /** No commit before all of its children, where the source can tell. */
  readonly inOrder?: boolean
  /** Turned round: the oldest first, where `exactRanges`; the host's API tells the newest first all the same. */
  readonly oldestFirst?: boolean
  /** Commits no older than this time in ms, by the committers' clocks: reading ends where the older ones begin. */
  readonly committedSince?: number
}

/** Where a repository's history is read: a local mirror, or the host's API where Git is not to be had. */
export interface HistorySource {
  /** The branches as they are at the host now. */
  readonly branches: readonly StoredBranch[]
  /** A range holds nothing that its excluded commits reach; the host's API takes but one of these. */
  readonly exactRanges: boolean
  /** The host's branches equal those stored: nothing was fetched. */
  readonly unchanged: boolean
  /** Every commit of the branches was stored while they were fetched. */
  readonly wasTaken: boolean
  /** Which of these commits can be read. */
  findKnown(shas: readonly Sha[]): Promise<ReadonlySet<Sha>>
  /** Newest first, in batches. Throws rather than end early. */
  readCommits(range: CommitRange, signal: AbortSignal): AsyncIterable<readonly ReadCommit[]>
  listShas(
    range: { readonly include: readonly Sha[]; readonly exclude: readonly Sha[] },
    signal: AbortSignal,
  ): AsyncIterable<readonly Sha[]>
  /** Fetches the branches even where they equal the stored ones: the copy may be new, or another node's. */
  renew(signal: AbortSignal): Promise<void>
  /** Fetches heads of pull requests that no branch reaches; returns those that are there now, by number. */
  fetchHeads(heads: ReadonlyMap<number, Sha>, signal: AbortSignal): Promise<ReadonlyMap<number, Sha>>
  /** Lets go of all kept heads but these. */
  pruneHeads(keep: ReadonlyMap<number, Sha>): Promise<void>
  /** Housekeeping after everything is stored. */
  maintain(signal: AbortSignal): Promise<void>
}
