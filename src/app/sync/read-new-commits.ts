import { findShasMetSince } from '../../db/stores/commits-met.ts'
import { findHistorySync, wasAlwaysEmpty } from '../../db/stores/import-marks.ts'
import type { Sha } from '../../domain/ids.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { HistorySource, ReadCommit } from './history-source.ts'
import type { HistoryPlan } from './import-history.ts'
import type { SyncRun } from './sync-run.ts'

/** A commit that came to the branches since the last import that ended. */
export interface NewCommit extends ReadCommit {
  /** False: it may have been there before, which cannot be told any more. */
  readonly certain: boolean
}

/** Something that acts on new commits. What it stores it stores once, however often it is told of the same commit. */
export interface NewCommitFollower {
  /** Oldest first; of a history without exact ranges newest first, one branch after the other. */
  take(commits: readonly NewCommit[]): Promise<void>
  /** After the last one. */
  end(): Promise<void>
}

/**
 * Commits that the branches reach now and did not when the last import ended: oldest first, in batches, none before its
 * parents; the host's API tells the newest first. None in a first import; all, if the imports before found the repository
 * empty. Heads of pull requests are no branches: what a stranger's fork holds is new when it is merged. To be read before the
 * stored branches are replaced; a run that breaks off is followed by one that finds the same.
 *
 * Where the old branches cannot be subtracted exactly, because the copy of the repository is new and they were rewritten,
 * or because the host's API tells the history, only what no import met before is certainly new.
 */
export async function* readNewCommits(
  run: SyncRun,
  history: HistorySource,
  plan: HistoryPlan,
): AsyncGenerator<readonly NewCommit[], void, undefined> {
  const before = [...new Set(plan.storedBranches.map(({ head }) => head))]
  if (await isFirstImport(run, plan)) return
  const old = new Set(before)
  const include = [...new Set(history.branches.map(({ head }) => head))].filter((head) => !old.has(head))
  if (include.length === 0) return
  // The API is asked from each branch's own old head, whether or not the import could use it.
  const known = history.exactRanges ? await history.findKnown(before) : old
  const exact = history.exactRanges && known.size === old.size
  const exclude = before.filter((head) => known.has(head))
  const since = exact ? null : await findHistorySync(run.app.db.read, run.repository.id)
  try {
    for await (const batch of history.readCommits({ include, exclude, inOrder: true, oldestFirst: true }, run.signal)) {
      run.signal.throwIfAborted()
      const certain = exact ? null : await findMetSince(run, { batch, since: since ?? run.entry - 1 })
      yield batch.map((commit) => ({ ...commit, certain: certain === null || certain.has(commit.sha) }))
    }
  } catch (error) {
    // The host forgot an old head that was rewritten.
    if (history.exactRanges || !isConnectorError(error, 'not-found')) throw error
    run.app.log.warn({ repositoryId: run.repository.id }, 'new commits cannot be told from old ones: nothing acts on them')
  }
}

/** Nothing of it is news. What comes to a repository that was found empty is no first import. */
export async function isFirstImport({ app, repository }: SyncRun, { storedBranches }: HistoryPlan): Promise<boolean> {
  return storedBranches.length === 0 && !(await wasAlwaysEmpty(app.db.read, repository.id))
}

function findMetSince(
  run: SyncRun,
  { batch, since }: { batch: readonly ReadCommit[]; since: number },
): Promise<ReadonlySet<Sha>> {
  return findShasMetSince(run.app.db.read, run.repository.id, { shas: batch.map(({ sha }) => sha), since })
}
