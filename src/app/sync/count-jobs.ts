import { listUncountedBuilds, saveJobCounts, type UncountedBuild } from '../../db/stores/job-counts.ts'
import type { JobCounts } from '../../domain/development-information.ts'
import { toProblem } from '../../domain/problem.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { toRef, writeInRun, type SyncRun } from './sync-run.ts'

/** One request each: a first import of a repository with thousands of builds does not wait for them. */
const BUILDS_PER_SYNC = 20
/** Nobody asks how many jobs passed in a build of last month. */
const LOOK_BACK_MS = 14 * 24 * 60 * 60_000
/** What is left of the host's rate limit below this belongs to synchronisation and to people. */
const LEAST_LEFT = 0.25

/**
 * Counts the jobs of builds that ended since they were last counted, newest first: while a build runs its jobs change
 * without its telling. Whatever goes wrong leaves them for the next synchronisation, or not known; it never fails this one.
 */
export async function countJobs(run: SyncRun): Promise<void> {
  const { app, connection, repository, signal } = run
  const since = new Date(app.clock.now().getTime() - LOOK_BACK_MS)
  for (const build of await listUncountedBuilds(app.db.read, repository.id, { since, limit: BUILDS_PER_SYNC })) {
    signal.throwIfAborted()
    if ((connection.requestsLeft() ?? 1) < LEAST_LEFT) return
    const jobs = await count(run, build)
    if (jobs === 'later') return
    await writeInRun(run, (tx, dueAt) => saveJobCounts(tx, build, { jobs, dueAt }))
  }
}

async function count(run: SyncRun, { hostId }: UncountedBuild): Promise<JobCounts | 'later' | null> {
  try {
    return await run.connection.countJobs(toRef(run), hostId, run.signal)
  } catch (error) {
    if (run.signal.aborted || !isConnectorError(error)) throw error
    // The host answered, and would again.
    if (error.code === 'unexpected-answer' || error.code === 'response-too-large') return null
    run.app.log.info({ repositoryId: run.repository.id, problem: toProblem(error) }, 'jobs of builds are counted later')
    return 'later'
  }
}
