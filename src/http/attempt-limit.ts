import type { Clock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'

/** Slows guessing down: each wrong try beyond a few makes the next one wait longer, up to a limit; nobody is shut out for good. */
export interface AttemptLimit {
  /**
   * Counts a try before it is made, so that many at once are counted too.
   *
   * @throws ConnectorError `too-many-sign-ins` with `retryAt`: it must not be made now
   */
  take(key: string): void
  /** The try was right: forgets those before. */
  clear(key: string): void
}

export interface AttemptLimitOptions {
  readonly clock: Clock
  /** Tries without waiting. */
  readonly free: number
  /** The longest wait between two tries. */
  readonly maxMs: number
}

const FIRST_WAIT_MS = 1_000
const FORGOTTEN_AFTER_MS = 15 * 60_000
const MAX_KEYS = 20_000

interface Tries {
  count: number
  lastMs: number
  nextMs: number
}

export function createAttemptLimit({ clock, free, maxMs }: AttemptLimitOptions): AttemptLimit {
  const known = new Map<string, Tries>()
  return {
    take(key) {
      const nowMs = clock.monotonicMs()
      const before = known.get(key)
      const tries =
        before === undefined || nowMs - before.lastMs > FORGOTTEN_AFTER_MS ? { count: 0, lastMs: 0, nextMs: 0 } : before
      if (nowMs < tries.nextMs) throw tooMany(new Date(clock.now().getTime() + tries.nextMs - nowMs))
      tries.count += 1
      tries.lastMs = nowMs
      tries.nextMs = tries.count < free ? 0 : nowMs + Math.min(maxMs, FIRST_WAIT_MS * 2 ** Math.min(30, tries.count - free))
      // At the end again: the first key is the one that was not tried for the longest time.
      known.delete(key)
      known.set(key, tries)
      if (known.size > MAX_KEYS) for (const oldest of known.keys().take(1)) known.delete(oldest)
    },
    clear: (key) => void known.delete(key),
  }
}

function tooMany(retryAt: Date): ConnectorError {
  return new ConnectorError('too-many-sign-ins', {
    userMessage: 'Too many tries to sign in: the next one has to wait.',
    remedy: 'Wait as long as Retry-After says.',
    retryable: true,
    retryAt,
  })
}

/** Where a request comes from: an IPv6 network has as many addresses as it likes, so its /64 counts. */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
