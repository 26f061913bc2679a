import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import type { Sha } from '../../domain/ids.ts'
import { deleteCommits, saveCommits, sweepCommits } from '../../db/stores/commits.ts'
import { gatherCommits, type PreparedCommits } from '../../db/stores/gather-commits.ts'
import type { CommitRange, HistorySource, ReadCommit } from './history-source.ts'
import { toKeyedCommit } from './keyed-commit.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

export interface ImportTarget {
  readonly generation: number
  /** The issue-key rule changed since these commits were stored. */
  readonly rekey: boolean
}

export interface HistoryImport extends ImportTarget {
  readonly history: HistorySource
  readonly range: CommitRange
}

const DELETES_PER_WRITE = 1_000
/** Of a repository's very first import. */
export const FIRST_GENERATION = 1

/** Reads a range of history and stores every commit that names at least one issue. */
export async function importCommits(run: SyncRun, { history, range, ...target }: HistoryImport): Promise<void> {
  const storing = storeCommits(run, target)
  for await (const batch of history.readCommits(range, run.signal)) await storing.take(batch)
  await storing.end()
}

/** Takes commits as they are read, in batches of any size, and stores those that name at least one issue. */
export interface CommitStoring {
  take(commits: readonly ReadCommit[]): Promise<void>
  /** Resolves when all are stored. */
  end(): Promise<void>
}

export function storeCommits(run: SyncRun, { generation, rekey }: ImportTarget): CommitStoring {
  const gathered = gatherCommits({ repositoryId: run.repository.id, generation, rekey, syncId: run.entry })
  let saving: Promise<void> = Promise.resolve()
  const flush = async () => {
    const prepared = gathered.take()
    // One batch is stored while the next is read.
    await saving
    saving = saveBatch(run, prepared)
    // The rejection is met at the next `await saving`; until then it must not count as unhandled.
    saving.catch(() => undefined)
  }
  return {
    async take(commits) {
      run.signal.throwIfAborted()
      run.progress.counts.commits += commits.length
      for (const commit of commits) {
        const keys = findCommitKeys(commit.message, run.rules)
        if (keys.length === 0) continue
        gathered.add(toKeyedCommit(commit, keys))
        run.progress.noteIssues(keys)
        if (gathered.isFull(run.app.db.isContended())) await flush()
      }
    },
    async end() {
      await flush()
      await saving
    },
  }
}

/** Stores a batch, and what was counted so far. */
export async function saveBatch(run: SyncRun, prepared: PreparedCommits): Promise<void> {
  await writeInRun(run, async (tx, dueAt) => {
    await saveCommits(tx, prepared, dueAt)
    await run.progress.save(tx)
  })
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
