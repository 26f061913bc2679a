import { AsyncLocalStorage } from 'node:async_hooks'

/** Counts the requests that a piece of work makes, whatever it calls on the way. Pieces beside each other do not mix. */
export interface RequestMeter {
  /** Runs `work`; what is noted inside it, also after it waited, counts into `count`. */
  run<T>(count: RequestCount, work: () => Promise<T>): Promise<T>
  /** One request was made; outside of any work it counts nowhere. */
  note(): void
}

export interface RequestCount {
  requests: number
}

export function createRequestMeter(): RequestMeter {
  const current = new AsyncLocalStorage<RequestCount>()
  return {
    run: (count, work) => current.run(count, work),
    note() {
      const count = current.getStore()
      if (count !== undefined) count.requests += 1
    },
  }
}
