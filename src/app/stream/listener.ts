import { ConnectorError } from '../../lib/connector-error.ts'
import type { FeedEvent } from './feed-event.ts'

/** What waits for one listener. */
export interface Listener {
  /** Never waits: a listener that does not keep up is given up instead of filling the memory. */
  push(events: readonly FeedEvent[]): void
  /** Ends when closed or aborted; rejects with `listener-too-slow`. */
  events(): AsyncIterable<FeedEvent>
  close(): void
}

/** Some 4 MiB. */
const MAX_WAITING = 4_000

export function createListener(signal: AbortSignal): Listener {
  const waiting: FeedEvent[] = []
  let wake = Promise.withResolvers<void>()
  let state: 'open' | 'closed' | 'too-slow' = 'open'
  const end = (next: 'closed' | 'too-slow') => {
    if (state === 'open') state = next
    wake.resolve()
  }
  const onAbort = () => end('closed')
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()

  return {
    push(events) {
      if (waiting.length + events.length > MAX_WAITING) {
        waiting.length = 0
        end('too-slow')
        return
      }
      if (state !== 'open' || events.length === 0) return
      waiting.push(...events)
      wake.resolve()
    },
    async *events() {
      for (;;) {
        await wake.promise
        wake = Promise.withResolvers<void>()
        if (state === 'closed') return
        if (state === 'too-slow') throw tooSlow()
        yield* waiting.splice(0)
      }
    },
    close() {
      signal.removeEventListener('abort', onAbort)
      end('closed')
    },
  }
}

function tooSlow(): ConnectorError {
  return new ConnectorError('listener-too-slow', {
    userMessage: 'The listener reads more slowly than things change.',
    remedy: 'Connect again: what is the state then is told first.',
    retryable: true,
  })
}
