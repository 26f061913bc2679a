import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { describeFound, labelOfStep, STEPS, type SyncStep } from './sync-words.ts'

/** What this page saw of a synchronisation while it ran. */
export interface FollowedSync {
  /** Of the run; null: it waits. */
  readonly startedAt: string | null
  readonly step: SyncStep | null
  /** When each step was first seen, in ms. */
  readonly seen: Readonly<Partial<Record<SyncStep, number>>>
  readonly found: string
  readonly log: readonly LogLine[]
}

export interface LogLine {
  readonly at: number
  readonly text: string
}

const MAX_LINES = 200

/** Adds what the stream tells; a new run begins anew. */
export function followSync(before: FollowedSync | null, { sync }: RepositoryJson, now: number): FollowedSync {
  const sameRun = before !== null && (before.startedAt === sync.startedAt || before.startedAt === null)
  const last = sameRun ? before : { startedAt: null, step: null, seen: {}, found: '', log: [] }
  const found = describeFound(sync.progress)
  const { step } = sync
  const lines: string[] = []
  if (sync.state !== 'running' && last.log.length === 0) lines.push(describeWait(sync.state))
  if (step !== null && step !== last.step) lines.push(labelOfStep(step))
  if (found !== last.found && found !== 'Nothing new') lines.push(found)
  return {
    startedAt: sync.state === 'running' ? sync.startedAt : last.startedAt,
    step,
    seen: step === null || last.seen[step] !== undefined ? last.seen : { ...last.seen, [step]: now },
    found,
    log: [...last.log, ...lines.map((text) => ({ at: now, text }))].slice(-MAX_LINES),
  }
}

function describeWait(state: RepositoryJson['sync']['state']): string {
  switch (state) {
    case 'queued':
      return 'Waits its turn'
    case 'retrying':
      return 'Waits for the next try'
    case 'paused':
      return 'Paused'
    case 'idle':
    case 'running':
      return 'Began'
  }
}

export interface ShownStep {
  readonly step: SyncStep
  readonly label: string
  readonly state: 'done' | 'current' | 'to-come'
  /** What it took, or takes so far; null: this page did not see it begin. */
  readonly ms: number | null
}

/** All steps in order with how far the run is. */
export function toShownSteps({ step, seen }: FollowedSync, now: number): ShownStep[] {
  const current = STEPS.findIndex((one) => one.step === step)
  return STEPS.map((one, index) => {
    const began = seen[one.step]
    const ended = STEPS.slice(index + 1)
      .map((later) => seen[later.step])
      .find((time) => time !== undefined)
    return {
      ...one,
      state: index < current ? 'done' : index === current ? 'current' : 'to-come',
      ms: began === undefined ? null : (ended ?? now) - began,
    }
  })
}
