import { createHash } from 'node:crypto'
import type { DevelopmentInformation, DevelopmentRepository } from '../domain/development-information.ts'
import { collectEntries, type EntryKind, type EntryOfRepository } from './property-entries.ts'
import { toPropertyText, toPropertyUrl } from './property-text.ts'

export const ISSUE_PROPERTY_NAME = 'dvcs-development'

/** `full`: everything; `titles`: without people and commit bodies; `counts`: the summary only. */
export type PropertyLevel = 'full' | 'titles' | 'counts'

export interface IssuePropertyOptions {
  readonly level: PropertyLevel
  /** Bytes of UTF-8; default 32,000. Jira takes 32,768 characters. */
  readonly maxBytes?: number
}

export interface IssueProperty {
  /** Compact JSON, at most `maxBytes` long. */
  readonly json: string
  /** Hash of everything but `asOf`: equal means that there is nothing to write. */
  readonly contentHash: string
  /** Something was left out for its size; said in the JSON too. */
  readonly truncated: boolean
}

const MAX_BYTES = 32_000
const MOST_ENVIRONMENTS = 20
const LONGEST_ENVIRONMENT = 100
const LISTS: readonly EntryKind[] = ['branches', 'commits', 'pullRequests', 'builds', 'deployments']
/** Who goes first when only one more entry fits. */
const TURN_ORDER: readonly EntryKind[] = ['pullRequests', 'branches', 'commits', 'deployments', 'builds']

/**
 * Makes the issue property of contract section 5: always summary, `asOf` and `panelUrl`, then the newest entries of
 * every kind in turn until it is full. Never an e-mail address: everyone who sees the issue can read it. Text is made
 * storable by `toPropertyText`, so an emoji in a commit message arrives as U+FFFD.
 */
export function toIssueProperty(
  info: DevelopmentInformation,
  { level, maxBytes = MAX_BYTES }: IssuePropertyOptions,
): IssueProperty {
  const { base, cut } = toBase(info)
  if (level === 'counts') return finish(base, [], cut)
  const entries = collectEntries(info, level)
  const chosen = choose(entries.all, info.repositories, maxBytes - sizeOf({ ...base, repositories: [], truncated: true }))
  const leftOut = LISTS.some((kind) => chosen[kind].length < entries.all[kind].length)
  return finish(base, toRepositories(info.repositories, chosen), cut || entries.cut || leftOut)
}

type Entries = Record<EntryKind, EntryOfRepository[]>

interface PropertyBase {
  readonly issue: string
  readonly asOf: string
  readonly panelUrl: string
  readonly summary: DevelopmentInformation['summary']
}

function toBase({ issue, asOf, panelUrl, summary }: DevelopmentInformation): { base: PropertyBase; cut: boolean } {
  const all = summary.deployments.environments
  const environments = all.slice(0, MOST_ENVIRONMENTS).map((name) => toPropertyText(name).slice(0, LONGEST_ENVIRONMENT))
  const base = { issue, asOf, panelUrl: toPropertyUrl(panelUrl), summary: { ...summary, deployments: { environments } } }
  return { base, cut: all.length > MOST_ENVIRONMENTS }
}

/** One entry of each kind in turn; a kind whose next entry does not fit is closed, so that each list is a newest part. */
function choose(all: Entries, repositories: readonly DevelopmentRepository[], budget: number): Entries {
  const chosen: Entries = { branches: [], commits: [], pullRequests: [], builds: [], deployments: [] }
  const opened = new Set<number>()
  const open = new Set<EntryKind>(TURN_ORDER)
  let left = budget
  while (open.size > 0) {
    for (const kind of TURN_ORDER.filter((candidate) => open.has(candidate))) {
      const next = all[kind][chosen[kind].length]
      const cost = next === undefined ? Number.POSITIVE_INFINITY : costOf(next, opened, repositories)
      if (next === undefined || cost > left) {
        open.delete(kind)
        continue
      }
      left -= cost
      opened.add(next.repository)
      chosen[kind].push(next)
    }
  }
  return chosen
}

/** Bytes of an entry with its comma, and of its repository when it is the first there. */
function costOf(entry: EntryOfRepository, opened: ReadonlySet<number>, repositories: readonly DevelopmentRepository[]): number {
  const repository = repositories[entry.repository]
  const frame = repository === undefined || opened.has(entry.repository) ? 0 : sizeOf(toFrame(repository)) + 1
  return sizeOf(entry.value) + 1 + frame
}

function toFrame({ name, url, host }: DevelopmentRepository) {
  return {
    name: toPropertyText(name),
    url: toPropertyUrl(url),
    host,
    branches: [],
    commits: [],
    pullRequests: [],
    builds: [],
    deployments: [],
  }
}

function toRepositories(repositories: readonly DevelopmentRepository[], chosen: Entries): unknown[] {
  return repositories.flatMap((repository, index) => {
    const lists = LISTS.map(
      (kind) => [kind, chosen[kind].filter((entry) => entry.repository === index).map(({ value }) => value)] as const,
    )
    return lists.some(([, list]) => list.length > 0) ? [{ ...toFrame(repository), ...Object.fromEntries(lists) }] : []
  })
}

function finish(base: PropertyBase, repositories: unknown[], truncated: boolean): IssueProperty {
  const content = { ...base, ...(repositories.length > 0 ? { repositories } : {}), ...(truncated ? { truncated } : {}) }
  const contentHash = createHash('sha256')
    .update(JSON.stringify({ ...content, asOf: '' }))
    .digest('hex')
  return { json: JSON.stringify(content), contentHash, truncated }
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8')
}
