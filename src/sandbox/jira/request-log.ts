export interface LoggedRequest {
  readonly method: string
  /** With context path. */
  readonly path: string
  readonly query: string
  /** Who Jira took the sender for; null: refused before that. */
  user: string | null
  /** 0: no answer was sent. */
  status: number
  durationMs: number
  /** Requests under way when it came, this one included. */
  readonly underWay: number
}

export interface WriteCounters {
  readonly properties: number
  readonly propertiesDeleted: number
  readonly remoteLinks: number
  readonly comments: number
  readonly worklogs: number
  readonly transitions: number
}

const MOST_REQUESTS = 10_000
const KINDS: readonly [keyof WriteCounters, string, RegExp][] = [
  ['properties', 'PUT', /\/issue\/[^/]+\/properties\/[^/]+$/],
  ['propertiesDeleted', 'DELETE', /\/issue\/[^/]+\/properties\/[^/]+$/],
  ['remoteLinks', 'POST', /\/issue\/[^/]+\/remotelink$/],
  ['comments', 'POST', /\/issue\/[^/]+\/comment$/],
  ['worklogs', 'POST', /\/issue\/[^/]+\/worklog$/],
  ['transitions', 'POST', /\/issue\/[^/]+\/transitions$/],
]

/** Remembers what was asked and counts what was written. */
export function createRequestLog() {
  let requests: LoggedRequest[] = []
  let counters = emptyCounters()
  let underWay = 0

  return {
    underWay: () => underWay,
    started(method: string, url: URL): LoggedRequest {
      underWay += 1
      const entry = { method, path: url.pathname, query: url.search, user: null, status: 0, durationMs: 0, underWay }
      requests.push(entry)
      if (requests.length > MOST_REQUESTS) requests.shift()
      return entry
    },
    /** `real` false: a fault answered instead of Jira, so nothing was written. */
    answered(entry: LoggedRequest, { status, user, real }: { status: number; user: string | null; real: boolean }) {
      entry.status = status
      entry.user = user
      if (!real || status < 200 || status > 299) return
      for (const [kind, method, path] of KINDS) {
        if (entry.method === method && path.test(entry.path)) counters = { ...counters, [kind]: counters[kind] + 1 }
      }
    },
    ended(entry: LoggedRequest, durationMs: number) {
      underWay -= 1
      entry.durationMs = durationMs
    },
    requests: (): readonly LoggedRequest[] => requests,
    writes: (): WriteCounters => counters,
    forget() {
      requests = []
      counters = emptyCounters()
    },
  }
}

function emptyCounters(): WriteCounters {
  return { properties: 0, propertiesDeleted: 0, remoteLinks: 0, comments: 0, worklogs: 0, transitions: 0 }
}
