import { ConnectorError } from '../lib/connector-error.ts'
import { createFailureJudge, type ClaimedJob, type FailureJudgeOptions, type JobOutcome } from './job-outcome.ts'
import type { JobContext, JobHandlers, JobName, JobPayloads } from './job-queue.ts'
import { within } from './within.ts'

/** Runs claimed jobs in this process and judges how they ended; the same for every driver. */
export interface JobRunner {
  /** Never rejects. */
  run(job: ClaimedJob): Promise<JobOutcome>
  /** Ends the running job of the key for good. */
  abort(key: string): void
  /** Aborts everything that runs; it is to wait again. */
  interrupt(): void
  /** Waits for the running jobs, aborting them after the grace; false: some did not end within the limit. */
  finish(): Promise<boolean>
}

export interface JobRunnerOptions extends FailureJudgeOptions {
  readonly handlers: JobHandlers
}

interface Run {
  readonly key: string
  readonly controller: AbortController
  readonly ended: Promise<void>
  cancelled: boolean
}

export function createJobRunner({ handlers, ...options }: JobRunnerOptions): JobRunner {
  const { clock, timing } = options
  const failures = createFailureJudge(options)
  const runs = new Set<Run>()

  async function allEnded(): Promise<void> {
    while (runs.size > 0) await Promise.all([...runs].map((run) => run.ended))
  }

  function interrupt(): void {
    const reason = new ConnectorError('job-interrupted', {
      userMessage: 'The job was interrupted; it will run again.',
      retryable: true,
    })
    for (const run of runs) run.controller.abort(reason)
  }

  async function runOnce(job: ClaimedJob, run: Run): Promise<JobOutcome> {
    try {
      await handle(handlers, job.name, { payload: job.payload, context: { signal: run.controller.signal, attempt: job.attempt } })
      return { kind: 'ended' }
    } catch (error) {
      if (run.cancelled) return { kind: 'ended' }
      return run.controller.signal.aborted ? { kind: 'interrupted' } : failures.judge(job, error)
    }
  }

  return {
    async run(job) {
      const refusal = failures.refuse(job)
      if (refusal !== null) return refusal
      const { promise, resolve } = Promise.withResolvers<void>()
      const run: Run = { key: job.key, controller: new AbortController(), ended: promise, cancelled: false }
      runs.add(run)
      const outcome = await runOnce(job, run)
      runs.delete(run)
      resolve()
      return outcome
    },
    abort(key) {
      for (const run of runs) {
        if (run.key !== key) continue
        run.cancelled = true
        run.controller.abort(new ConnectorError(JOB_CANCELLED, { userMessage: 'The job was cancelled.' }))
      }
    },
    interrupt,
    async finish() {
      if (await within(clock, timing.stopGraceMs, allEnded())) return true
      interrupt()
      return within(clock, timing.stopLimitMs, allEnded())
    },
  }
}

async function handle<N extends JobName>(
  handlers: JobHandlers,
  name: N,
  { payload, context }: { payload: unknown; context: JobContext },
): Promise<void> {
  await handlers[name](payload as JobPayloads[N], context)
}

/** Code of the reason with which `RunningJobs.abort` aborts a handler's signal: a person's wish, not the process's end. */
export const JOB_CANCELLED = 'job-cancelled'
