import type { WritePriority } from './database.ts'

const ORDER: readonly WritePriority[] = ['webhook', 'interactive', 'background']

/**
 * What has waited for so many more urgent ones goes first, once: webhooks that come without end must not keep an import, or the
 * sweep that would find it, from the writer. Measured with 200 webhooks a second beside a first import, whose
 * transactions are short then: with 16 the import keeps half of its speed, and of a hundred webhooks one waits 0.13 to 0.24 s.
 */
const MOST_PASSED_BY = 16

/** The odd one is a step of some job. */
const CONTENDED_FROM = 2

/** Runs one task at a time: the most urgent first, among equals the oldest, and none is passed by for ever. */
export interface WriteQueue {
  run<T>(priority: WritePriority, task: () => Promise<T>): Promise<T>
  /** Whether several more urgent ones went before the last task of 'background': a long one should be made short. */
  isContended(): boolean
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>
}

interface Lane {
  readonly tasks: (() => Promise<void>)[]
  /** More urgent ones that went before the first task here. */
  passedBy: number
}

export function createWriteQueue(): WriteQueue {
  const lanes = new Map<WritePriority, Lane>(ORDER.map((priority) => [priority, { tasks: [], passedBy: 0 }]))
  let running: Promise<void> | null = null
  let contended = false

  function next(): (() => Promise<void>) | undefined {
    const waiting = [...lanes.values()].filter(({ tasks }) => tasks.length > 0)
    const chosen = waiting.find(({ passedBy }) => passedBy >= MOST_PASSED_BY) ?? waiting[0]
    if (chosen === lanes.get('background')) contended = (chosen?.passedBy ?? 0) >= CONTENDED_FROM
    for (const lane of waiting) lane.passedBy = lane === chosen ? 0 : lane.passedBy + 1
    return chosen?.tasks.shift()
  }

  async function drain(): Promise<void> {
    for (let task = next(); task !== undefined; task = next()) {
      await task()
      // Lets sockets and timers have their turn between two transactions of a long import.
      await new Promise((resolve) => setImmediate(resolve))
    }
    running = null
  }

  return {
    run(priority, task) {
      return new Promise((resolve, reject) => {
        lanes.get(priority)?.tasks.push(() => Promise.try(task).then(resolve, reject))
        running ??= drain()
      })
    },
    isContended: () => contended,
    async idle() {
      while (running !== null) await running
    },
  }
}
