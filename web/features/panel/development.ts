import type { DevelopmentJson } from '../../../src/contract/development.ts'

/** In Jira's order. */
export const KINDS = ['branches', 'commits', 'pullRequests', 'builds', 'deployments'] as const
export type Kind = (typeof KINDS)[number]

type RepositoryJson = DevelopmentJson['repositories'][number]
export type Place = Pick<RepositoryJson, 'id' | 'name' | 'url' | 'host'>
export type Value<K extends Kind = Kind> = RepositoryJson[K][number]
/** One branch, commit and so on with where it is. */
export type Entry<K extends Kind = Kind> = Value<K> & { readonly repository: Place }

export interface RepositoryGroup<K extends Kind> {
  readonly repository: Place
  readonly entries: readonly Entry<K>[]
}

/** What the document holds of one kind over all repositories, newest first. */
export function listEntries<K extends Kind>({ repositories }: DevelopmentJson, kind: K): Entry<K>[] {
  const entries = repositories.flatMap(({ [kind]: values, id, name, url, host }) =>
    (values as readonly Value<K>[]).map((value) => ({ ...value, repository: { id, name, url, host } })),
  )
  // Stable: what has no time keeps the order in which the connector told it.
  return entries.toSorted((a, b) => timeOf(b) - timeOf(a))
}

/** What is not finished comes first, as nothing is newer. Branches have no time of their own. */
function timeOf(value: Value): number {
  if ('authoredAt' in value) return Date.parse(value.authoredAt)
  if ('updatedAt' in value) return Date.parse(value.updatedAt)
  if ('finishedAt' in value) return value.finishedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(value.finishedAt)
  return 0
}

/** By repository, in the order in which their newest entries come. */
export function groupByRepository<K extends Kind>(entries: readonly Entry<K>[]): RepositoryGroup<K>[] {
  const groups = new Map<string, Entry<K>[]>()
  for (const entry of entries) {
    const group = groups.get(entry.repository.id)
    if (group === undefined) groups.set(entry.repository.id, [entry])
    else group.push(entry)
  }
  return [...groups.values()].flatMap((group) =>
    group[0] === undefined ? [] : [{ repository: group[0].repository, entries: group }],
  )
}

/** Tells entries of one kind apart, and finds them again in a newer answer. */
export function entryKey(entry: Entry): string {
  return `${entry.repository.id} ${'id' in entry ? entry.id : entry.name}`
}

/** How many there are of a kind; the summary counts neither cancelled builds nor deployments one by one. */
export function countOf({ summary, ...development }: DevelopmentJson, kind: Kind): number {
  const listed = development.repositories.reduce((sum, repository) => sum + repository[kind].length, 0)
  const { open, merged, declined } = summary.pullRequests
  const { successful, failed, inProgress } = summary.builds
  const counted = {
    branches: summary.branches,
    commits: summary.commits,
    pullRequests: open + merged + declined,
    builds: successful + failed + inProgress,
    deployments: 0,
  }[kind]
  return Math.max(counted, listed)
}

/** Entries of each kind in the one document. */
const MOST_LISTED = 100

/** Whether the connector may have more of a kind than the document told. */
export function mayHaveMore(development: DevelopmentJson, kind: Kind): boolean {
  const listed = development.repositories.reduce((sum, repository) => sum + repository[kind].length, 0)
  return listed < countOf(development, kind) || listed >= MOST_LISTED
}

export function hiddenOf({ hidden }: DevelopmentJson, kind: Kind): number {
  return kind === 'builds' || kind === 'deployments' ? 0 : hidden[kind]
}

/** Nothing at all is known of the issue. */
export function isEmpty(development: DevelopmentJson): boolean {
  return KINDS.every((kind) => countOf(development, kind) === 0 && hiddenOf(development, kind) === 0)
}
