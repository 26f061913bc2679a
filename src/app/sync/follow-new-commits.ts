import { claimYoungHistory, createHistoryClaims } from '../smart-commits/claim-history.ts'
import { createSmartCommitRecorder } from '../smart-commits/record-smart-commits.ts'
import { createCommitEvents } from '../triggers/commit-events.ts'
import type { HistorySource } from './history-source.ts'
import type { HistoryPlan } from './import-history.ts'
import { isFirstImport, readNewCommits } from './read-new-commits.ts'
import type { SyncRun } from './sync-run.ts'

/** Reads the new commits once for everything that acts on them, or has to remember that it did not. */
export async function followNewCommits(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<void> {
  if (await isFirstImport(run, plan)) return claimYoungHistory(run, history)
  const commands = run.repository.smartCommits ? createSmartCommitRecorder(run, history) : createHistoryClaims(run)
  const followers = [commands, createCommitEvents(run, history)].filter((follower) => follower !== null)
  for await (const commits of readNewCommits(run, history, plan)) {
    for (const follower of followers) await follower.take(commits)
  }
  for (const follower of followers) await follower.end()
}
