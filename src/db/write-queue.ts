import type { WritePriority } from './database.ts'

const ORDER: readonly WritePriority[] = ['webhook', 'interactive', 'background']

/** Runs one task at a time: the most urgent first, among equals the oldest. */
export interface WriteQueue {
  run<T>(priority: WritePriority, task: () => Promise<T>): Promise<T>
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>
}

export function createWriteQueue(): WriteQueue {
  const waiting = new Map<WritePriority, (() => Promise<void>)[]>(ORDER.map((priority) => [priority, []]))
  let running: Promise<void> | null = null

  const next = () =>
    ORDER.map((priority) => waiting.get(priority))
      .find((queue) => queue !== undefined && queue.length > 0)
      ?.shift()

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
        waiting.get(priority)?.push(() => Promise.try(task).then(resolve, reject))
        running ??= drain()
      })
    },
    async idle() {
      while (running !== null) await running
    },
  }
}
