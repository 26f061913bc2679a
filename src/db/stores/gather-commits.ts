import type { Commit } from '../../domain/commit.ts'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { RowsWithIds } from '../insert-rows.ts'
import { RowPacker } from '../packed-rows.ts'

/**
 * Commits with keys per transaction. Writing takes a fifth to a third less time than with 1,000, and no less with 4,000; a
 * transaction lasts about 45 ms, so a webhook still does not wait long for the one writer.
 */
const COMMITS_PER_WRITE = 2_000
/** While others wait for the writer, and for the processor: a transaction of 2,000 then takes up to 250 ms. */
const COMMITS_PER_SHORT_WRITE = 800
/** Commits that people write have one or two; this bounds memory against generated ones. */
const KEYS_PER_WRITE = 20_000

export interface KeyedCommit extends Commit {
  /** Every candidate, whether Jira knows the project or not. */
  readonly keys: readonly IssueKey[]
}

/** Where a batch belongs. */
export interface CommitDestination {
  readonly repositoryId: RepositoryId
  /** A full sync stores under a new generation; what it does not meet again keeps the old one and is swept. */
  readonly generation: number
  /** The rule changed: compare the keys of commits that are stored already. */
  readonly rekey: boolean
  /** The synchronisation that met them; absent: none. */
  readonly syncId?: number
}

/** What is still to be known of a commit when its row is written. */
export interface CommitMark {
  readonly sha: Sha
  readonly keys: readonly IssueKey[]
  readonly authoredAt: number
}

export interface MarkedBatch extends CommitDestination {
  readonly marks: readonly CommitMark[]
}

const COMMITS = {
  table: 'commits',
  columns: {
    repository_id: 'bigint',
    sha: 'text',
    message: 'text',
    author_name: 'text',
    author_email: 'text',
    authored_at: 'bigint',
    merge: 'bigint',
    generation: 'bigint',
    sync_id: 'bigint',
  },
  key: 'sha',
  onConflict: 'on conflict (repository_id, sha) do nothing',
} as const

export const COMMIT_KEYS = {
  table: 'commit_keys',
  columns: { commit_id: 'bigint', issue_key: 'text', authored_at: 'bigint' },
  onConflict: 'on conflict (issue_key, authored_at, commit_id) do nothing',
} as const

/** A batch made ready before its transaction begins, so that the one writer does not wait for that. */
export interface PreparedCommits extends MarkedBatch {
  readonly insert: RowsWithIds
}

/** Gathers commits for one transaction, in bytes: see `RowPacker`. */
export interface CommitGatherer {
  /** Whether it is time to take them; `short` where others wait. */
  isFull(short: boolean): boolean
  add(commit: KeyedCommit): void
  /** What was gathered since the last call. */
  take(): PreparedCommits
}

export function gatherCommits(destination: CommitDestination): CommitGatherer {
  const { repositoryId, generation, syncId = null } = destination
  const rows = new RowPacker()
  const keyRows = new RowPacker()
  let marks: CommitMark[] = []
  let keyCount = 0
  return {
    isFull(short) {
      return marks.length >= (short ? COMMITS_PER_SHORT_WRITE : COMMITS_PER_WRITE) || keyCount >= KEYS_PER_WRITE
    },
    add({ sha, message, author, authoredAt, merge, keys }) {
      const at = authoredAt.getTime()
      rows.add(Number(repositoryId))
      rows.add(sha)
      rows.add(message)
      rows.add(author.name)
      rows.add(author.email)
      rows.add(at)
      rows.add(merge ? 1 : 0)
      rows.add(generation)
      rows.add(syncId)
      for (const key of keys) {
        keyRows.add(key)
        keyRows.add(at)
      }
      marks.push({ sha, keys, authoredAt: at })
      keyCount += keys.length
    },
    take() {
      const counts = marks.map(({ keys }) => keys.length)
      const children = { ...COMMIT_KEYS, values: keyRows.take(), counts }
      const prepared = { ...destination, marks, insert: { ...COMMITS, values: rows.take(), children } }
      marks = []
      keyCount = 0
      return prepared
    },
  }
}
