import { useEffect, useRef } from 'react'

export interface Throttle {
  readonly call: () => void
  readonly stop: () => void
}

/** Runs at once, then at most once in each `everyMs`; what is asked for meanwhile runs at the end of that time. */
export function createThrottle(run: () => void, everyMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | null = null
  let again = false
  const wait = () => {
    timer = setTimeout(() => {
      timer = null
      if (!again) return
      again = false
      run()
      wait()
    }, everyMs)
  }
  return {
    call() {
      if (timer !== null) {
        again = true
        return
      }
      run()
      wait()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      again = false
    },
  }
}

/** The same while a component is there. */
export function useThrottled(run: () => void, everyMs: number): () => void {
  const current = useRef(run)
  const throttle = useRef<Throttle | null>(null)
  useEffect(() => {
    current.current = run
  })
  useEffect(() => () => throttle.current?.stop(), [])
  return () => {
    throttle.current ??= createThrottle(() => current.current(), everyMs)
    throttle.current.call()
  }
}
