import { randomInt } from 'node:crypto'
import { backOffMs } from '../lib/back-off.ts'
import type { Clock } from '../lib/clock.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import type { GiveUpHook, JobName, JobPayloads } from './job-queue.ts'

/** When failed jobs run again, how long a stop may take, and how soon dead nodes are noticed. */
export interface JobTiming {
  /** First back-off; it doubles with every try. */
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  readonly maxAttempts: number
  /** How long running jobs may go on after `stop` before their signals are aborted. */
  readonly stopGraceMs: number
  /** How long aborted jobs may take to end before `stop` leaves them behind. */
  readonly stopLimitMs: number
  /** How often a node looks for jobs of dead nodes. */
  readonly beatMs: number
}

/** 25 tries with these are about an hour and a quarter. */
export const DEFAULT_TIMING: JobTiming = {
  retryBaseMs: 2_000,
  retryMaxMs: 300_000,
  maxAttempts: 25,
  stopGraceMs: 3_000,
  stopLimitMs: 5_000,
  beatMs: 10_000,
}

/** A job that a driver has taken for this process. */
export interface ClaimedJob {
  readonly name: JobName
  readonly key: string
  readonly payload: unknown
  /** 1 for the first try. */
  readonly attempt: number
}

/** What the driver has to record: `ended` (done, aborted by key, or given up) forgets the job, the others let it wait again. */
export type JobOutcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: string; readonly delayMs: number }

/** Decides what becomes of a job whose handler rejected. */
export interface FailureJudge {
  /** Another try, or the end after the last one. Never rejects. */
  judge(job: ClaimedJob, error: unknown): Promise<JobOutcome>
  /** The end before the handler is called: the process died in every try. Null: it may be called. */
  refuse(job: ClaimedJob): Promise<JobOutcome> | null
}

export interface FailureJudgeOptions {
  readonly onGiveUp: GiveUpHook | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly timing: JobTiming
}

export function createFailureJudge({ onGiveUp, clock, log, timing }: FailureJudgeOptions): FailureJudge {
  async function giveUp(job: ClaimedJob, error: unknown): Promise<JobOutcome> {
    log.error({ job: job.name, key: job.key, attempts: job.attempt, error: describe(error) }, 'job given up')
    try {
      await onGiveUp?.(job.name, job.payload as JobPayloads[JobName], error)
    } catch (hookError) {
      log.error({ job: job.name, key: job.key, error: describe(hookError) }, 'giving a job up failed')
    }
    return { kind: 'ended' }
  }
  return {
    async judge(job, error) {
      if (job.attempt >= timing.maxAttempts) return giveUp(job, error)
      const delayMs = retryDelayMs(error, job.attempt, { now: clock.now(), timing })
      const fields = { job: job.name, key: job.key, attempt: job.attempt, delayMs, error: describe(error) }
      // What nobody foresaw is a fault of ours.
      if (isConnectorError(error)) log.info(fields, 'job failed and will be tried again')
      else log.warn({ ...fields, stack: error instanceof Error ? error.stack : undefined }, 'job failed and will be tried again')
      return { kind: 'failed', error: describe(error), delayMs }
    },
    refuse: (job) => (job.attempt > timing.maxAttempts ? giveUp(job, diedTooOften(job)) : null),
  }
}

/** Waiting before the next try in ms: until the time that the other side named, else by back-off. */
export function retryDelayMs(error: unknown, attempt: number, { now, timing }: { now: Date; timing: JobTiming }): number {
  const namedMs = isConnectorError(error) && error.retryAt !== null ? error.retryAt.getTime() - now.getTime() : 0
  if (namedMs > 0) return namedMs
  return backOffMs(attempt - 1, {
    baseMs: timing.retryBaseMs,
    maxMs: timing.retryMaxMs,
    random: () => randomInt(2 ** 32) / 2 ** 32,
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function diedTooOften(job: ClaimedJob): ConnectorError {
  return new ConnectorError('job-died', {
    userMessage: `The connector ended ${job.attempt - 1} times while it was working on the job ${job.name} (${job.key}).`,
    remedy: 'Look in the log for what came before each end, for instance too little memory, then ask for the same again.',
  })
}
