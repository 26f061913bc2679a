import { createSmartCommitRecorder } from '../smart-commits/record-smart-commits.ts'
import { createCommitEvents } from '../triggers/commit-events.ts'
import type { HistorySource } from './history-source.ts'
import type { HistoryPlan } from './import-history.ts'
import { readNewCommits } from './read-new-commits.ts'
import type { SyncRun } from './sync-run.ts'

/** Reads the new commits once for everything that acts on them; not at all where nothing does. */
export async function followNewCommits(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<void> {
  const followers = [createSmartCommitRecorder(run, history), createCommitEvents(run)].filter((follower) => follower !== null)
  if (followers.length === 0) return
  for await (const commits of readNewCommits(run, history, plan)) {
    for (const follower of followers) await follower.take(commits)
  }
  for (const follower of followers) await follower.end()
}
