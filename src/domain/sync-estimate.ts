/** What is known before a first synchronisation. */
export interface SyncScope {
  /** Repositories that are listed. */
  readonly repositories: number
  /** Of them those that are synchronised. */
  readonly linked: number
  /** Each of these gets a webhook of its own. */
  readonly hookEach: boolean
  /** Requests that the host allows in a minute; null: it tells none. */
  readonly requestsPerMinute: number | null
}

export interface SyncEstimate {
  readonly requests: number
  /** Whole minutes, at least 1. */
  readonly minutes: number
}

const PER_PAGE = 100
/** Its branches, a fetch by git, and a page each of pull requests, builds and deployments. */
const REQUESTS_PER_REPOSITORY = 5
/** To look for it, and to write it. */
const REQUESTS_PER_HOOK = 2
/** Of an ordinary repository, most of it git's: a thousand small ones take a quarter of that here, without a network between. */
const SECONDS_PER_REPOSITORY = 2
/** The default of `sync.concurrency`. */
const AT_ONCE = 4

/**
 * Roughly what a first synchronisation asks of the host and takes: `⌈repositories / 100⌉ + linked × 5` requests, two more a
 * repository for a webhook of its own; minutes by two seconds a repository and four at once, or by what the host allows,
 * whichever is longer. Large histories and many pull requests take more.
 */
export function estimateFirstSync({ repositories, linked, hookEach, requestsPerMinute }: SyncScope): SyncEstimate {
  const each = REQUESTS_PER_REPOSITORY + (hookEach ? REQUESTS_PER_HOOK : 0)
  const requests = Math.ceil(repositories / PER_PAGE) + linked * each
  const working = (linked * SECONDS_PER_REPOSITORY) / AT_ONCE / 60
  const allowed = requestsPerMinute === null || requestsPerMinute <= 0 ? 0 : requests / requestsPerMinute
  return { requests, minutes: Math.max(1, Math.ceil(Math.max(working, allowed))) }
}
