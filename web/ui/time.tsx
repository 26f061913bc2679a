import { useSyncExternalStore } from 'react'
import { toAbsoluteTime, toRelativeTime } from './times.ts'

const STEP_MS = 10_000

/** A moment as people say it, kept current; the exact one on hover. */
export function Time({ at, fallback = 'never' }: { readonly at: string | null; readonly fallback?: string }) {
  const now = useNow()
  if (at === null) return <span>{fallback}</span>
  return (
    <time dateTime={at} title={toAbsoluteTime(at)}>
      {toRelativeTime(at, now)}
    </time>
  )
}

/** The current time in milliseconds, renewed every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow)
}

/** One value for all that ask within a step: else React would never come to rest. */
function readNow(): number {
  return Math.floor(Date.now() / STEP_MS) * STEP_MS
}

function subscribe(changed: () => void): () => void {
  const timer = setInterval(changed, STEP_MS)
  return () => clearInterval(timer)
}
