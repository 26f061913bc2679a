import type { SmartCommitState } from '../../ui/smart-commits/smart-commit-words.ts'

/** What of the list is shown. */
export interface CommitFilter {
  /** Id. */
  readonly repository?: string
  /** Id. */
  readonly account?: string
  readonly state?: SmartCommitState
  readonly q?: string
}

const STATES = ['found', 'executing', 'done', 'failed', 'skipped'] as const satisfies readonly SmartCommitState[]
/** As the API takes it. */
export const LONGEST = 200

/** The filter that an address carries; what the API would refuse is left out. Numbers in it come parsed. */
export function toCommitFilter(search: Readonly<Record<string, unknown>>): CommitFilter {
  const repository = toText(search['repository'])
  const account = toText(search['account'])
  const q = toText(search['q'])
  const state = STATES.find((one) => one === search['state'])
  return {
    ...(repository === null ? {} : { repository }),
    ...(account === null ? {} : { account }),
    ...(state === undefined ? {} : { state }),
    ...(q === null ? {} : { q }),
  }
}

/** The filter with one part of it changed; empty: without that part. A repository belongs to one account. */
export function withPart(filter: CommitFilter, part: keyof CommitFilter, value: string): CommitFilter {
  const { repository: _, ...others } = filter
  return toCommitFilter({ ...(part === 'account' ? others : filter), [part]: value })
}

function toText(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = String(value).trim()
  return text === '' || text.length > LONGEST || /\p{Cc}/u.test(text) ? null : text
}
