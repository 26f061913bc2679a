import { MAX_MESSAGE_BYTES } from '../../domain/commit.ts'
import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import type { Sha } from '../../domain/ids.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import {
  deleteCommits,
  gatherCommits,
  saveCommits,
  sweepCommits,
  type KeyedCommit,
  type PreparedCommits,
} from '../../db/stores/commits.ts'
import type { CommitRange, HistorySource, ReadCommit } from './history-source.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

export interface HistoryImport {
  readonly history: HistorySource
  readonly range: CommitRange
  readonly generation: number
  /** The issue-key rule changed since these commits were stored. */
  readonly rekey: boolean
}

/**
 * Commits with keys per transaction. Writing takes a fifth to a third less time than with 1,000, and no less with 4,000; a
 * transaction lasts about 45 ms, so a webhook still does not wait long for the one writer.
 */
const COMMITS_PER_WRITE = 2_000
/** Commits that people write have one or two; this bounds memory against generated ones. */
const KEYS_PER_WRITE = 20_000
const DELETES_PER_WRITE = 1_000
const MAX_NAME_BYTES = 1_000
/** Of a repository's very first import. */
const FIRST_GENERATION = 1

/** Reads a range of history and stores every commit that names at least one issue. */
export async function importCommits(run: SyncRun, { history, range, generation, rekey }: HistoryImport): Promise<void> {
  const gathered = gatherCommits({ repositoryId: run.repository.id, generation, rekey, syncId: run.entry })
  let saving: Promise<void> = Promise.resolve()
  const flush = async () => {
    const prepared = gathered.take()
    // One batch is stored while Git writes the next.
    await saving
    saving = save(run, prepared)
    // The rejection is met at the next `await saving`; until then it must not count as unhandled.
    saving.catch(() => undefined)
  }
  for await (const batch of history.readCommits(range, run.signal)) {
    run.signal.throwIfAborted()
    run.progress.counts.commits += batch.length
    for (const commit of batch) {
      const keys = findCommitKeys(commit.message, run.rules)
      if (keys.length === 0) continue
      gathered.add(toKeyedCommit(commit, keys))
      run.progress.noteIssues(keys)
      if (gathered.keys >= KEYS_PER_WRITE) await flush()
    }
    if (gathered.size >= COMMITS_PER_WRITE) await flush()
  }
  await flush()
  await saving
}

async function save(run: SyncRun, prepared: PreparedCommits): Promise<void> {
  await writeInRun(run, async (tx, dueAt) => {
    await saveCommits(tx, prepared, dueAt)
    await run.progress.save(tx)
  })
}

/** A commit as it is stored. */
export function toKeyedCommit(commit: ReadCommit, keys: KeyedCommit['keys']): KeyedCommit {
  return {
    sha: commit.sha,
    message: toStorableText(commit.message, { maxBytes: MAX_MESSAGE_BYTES }),
    author: {
      name: toStorableText(commit.authorName, { maxBytes: MAX_NAME_BYTES }),
      email: commit.authorEmail === '' ? null : toStorableText(commit.authorEmail, { maxBytes: MAX_NAME_BYTES }),
    },
    authoredAt: new Date(commit.authoredAt),
    committedAt: new Date(commit.committedAt),
    merge: commit.parentCount > 1,
    keys,
  }
}

/** Removes commits of the old tips that nothing reaches any more: force-pushed or on deleted branches. */
export async function removeLostCommits(
  run: SyncRun,
  history: HistorySource,
  tips: { readonly before: readonly Sha[]; readonly now: readonly Sha[] },
): Promise<void> {
  const current = new Set(tips.now)
  const include = tips.before.filter((sha) => !current.has(sha))
  if (include.length === 0) return
  for await (const shas of history.listShas({ include, exclude: tips.now }, run.signal)) {
    run.signal.throwIfAborted()
    await writeInRun(run, (tx, dueAt) => deleteCommits(tx, run.repository.id, { shas, dueAt }))
  }
}

/** Removes what a full import did not meet again. */
export async function removeUnmetCommits(run: SyncRun, generation: number): Promise<void> {
  // Nothing can be older, and looking for it would read every commit.
  if (generation === FIRST_GENERATION) return
  let deleted: number
  do {
    run.signal.throwIfAborted()
    deleted = await writeInRun(run, (tx, dueAt) =>
      sweepCommits(tx, run.repository.id, { generation, limit: DELETES_PER_WRITE, dueAt }),
    )
  } while (deleted > 0)
}
