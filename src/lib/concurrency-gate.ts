/** Lets at most `limit` holders per key run at once; the others wait in order. */
export interface ConcurrencyGate {
  /** Runs `work` when a place of `key` is free; rejects with the signal's reason when aborted while waiting. */
  run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

interface Lane {
  active: number
  readonly waiting: (() => void)[]
}

/** Creates a gate; lanes without holders take no memory. */
export function createConcurrencyGate(limit: number): ConcurrencyGate {
  const lanes = new Map<string, Lane>()

  const enter = async (lane: Lane, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (lane.active < limit) {
      lane.active += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const proceed = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        lane.waiting.splice(lane.waiting.indexOf(proceed), 1)
        reject(signal.reason as Error)
      }
      lane.waiting.push(proceed)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  const leave = (key: string, lane: Lane): void => {
    const next = lane.waiting.shift()
    // The place is handed over, so that nobody slips in between.
    if (next !== undefined) next()
    else {
      lane.active -= 1
      if (lane.active === 0) lanes.delete(key)
    }
  }

  return {
    async run(key, signal, work) {
      const lane = lanes.get(key) ?? { active: 0, waiting: [] }
      lanes.set(key, lane)
      try {
        await enter(lane, signal)
      } catch (error) {
        if (lane.active === 0) lanes.delete(key)
        throw error
      }
      try {
        return await work()
      } finally {
        leave(key, lane)
      }
    },
  }
}
