/** An entry of a journal whose numbers rise. */
export interface WatchedEntry {
  readonly id: number
  readonly state: string
}

/**
 * Tells which entries of a growing journal are new or in another state than before. States of an entry: not seen → seen
 * (looked at again, because it may change, and because one with a lower number may be committed later) → settled.
 */
export interface DeliveryWatch<Entry extends WatchedEntry> {
  /** Entries above this number are to be read. */
  floor(): number
  /** Those that are new or changed. */
  take(entries: readonly Entry[]): Entry[]
}

export interface DeliveryWatchOptions<Entry> {
  /** The highest number there is at the beginning. */
  readonly newest: number
  readonly now: () => number
  /** Nothing more will happen to it by itself. */
  readonly isOver: (entry: Entry) => boolean
}

/** On PostgreSQL transactions commit in another order than they took their numbers; none takes so long. */
const LATE_COMMIT_MS = 10_000
/** Bounds the memory while thousands arrive or none is looked at. */
const MAX_SEEN = 2_000

export function createDeliveryWatch<Entry extends WatchedEntry>({
  newest,
  now,
  isOver,
}: DeliveryWatchOptions<Entry>): DeliveryWatch<Entry> {
  const seen = new Map<number, { state: string; over: boolean; at: number }>()
  let floor = newest

  const settle = () => {
    const ids = [...seen.keys()].sort((a, b) => a - b)
    for (const [index, id] of ids.entries()) {
      const entry = seen.get(id)
      const settled = entry?.over === true && now() - entry.at >= LATE_COMMIT_MS
      if (!settled && ids.length - index <= MAX_SEEN) return
      seen.delete(id)
      floor = id
    }
  }

  return {
    floor: () => floor,
    take(entries) {
      const changed = entries.filter(({ id, state }) => seen.get(id)?.state !== state)
      for (const entry of changed) seen.set(entry.id, { state: entry.state, over: isOver(entry), at: now() })
      settle()
      return changed
    },
  }
}
