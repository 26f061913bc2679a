import type { z } from 'zod'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HostRepositoryRef } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import type { GitLabClient } from './client.ts'
import { getPage, type Page } from './paging.ts'
import { findProject } from './repositories.ts'
import type { ProjectJson } from './schema.ts'

/** Offset paging gets slow and may be refused beyond this depth. */
const MAX_DEPTH = 50_000
/** GitLab stores microseconds and tells milliseconds: one of them back, nothing of the same instant is skipped. */
const OVERLAP_MS = 1

interface Changed {
  readonly updated_at: Date
}

export interface ChangesQuery<Item extends Changed> {
  readonly repository: HostRepositoryRef
  /** null: from the first one. */
  readonly since: Date | null
  readonly signal: AbortSignal
  readonly item: z.ZodType<Item>
  readonly idOf: (item: Item) => number
  /** The list in ascending order of `updated_at`, from a time on. */
  readonly address: (since: Date | null) => URL
  readonly feature: ListedFeature
}

/** What is listed: for texts, and where a project says whether it has it. */
export interface ListedFeature {
  /** `merge requests`. */
  readonly noun: string
  readonly level: keyof ProjectJson & `${string}_access_level`
}

/**
 * What changed, by update time. Each page asks anew from the last one's time (`updated_after` counts the instant
 * itself), so that an item that is updated meanwhile, and so moves to the end, cannot push others off their page. Only
 * where a page ends at the time it began with, `rel="next"` leads on. Yields nothing when the feature is switched off.
 *
 * @throws ConnectorError `list-refused` when the project has the feature, and GitLab does not list it for this token
 */
export async function* walkChanges<Item extends Changed>(
  client: GitLabClient,
  query: ChangesQuery<Item>,
): AsyncGenerator<Item[], void, void> {
  const { repository, address, idOf } = query
  const toVersion = (item: Item) => `${idOf(item)}@${item.updated_at.getTime()}`
  let { since } = query
  let page: Page<Item> | null = await unlessSwitchedOff(client, query, () => getPage(client, address(since), query))
  let emitted = new Set<string>()
  let depth = 0
  while (page !== null && page.items.length > 0) {
    const fresh = page.items.filter((item) => !emitted.has(toVersion(item)))
    if (fresh.length > 0) yield fresh
    if (page.next === null) return
    const last = toWatermark(page.items, since)
    emitted = keepEdge(emitted, { items: page.items, toVersion }, last ?? since)
    if (last === null) {
      depth += page.items.length
      if (depth >= MAX_DEPTH) throw toTooDeep(query)
      const { digest } = page
      page = await getPage(client, page.next, query)
      if (page.digest === digest) throw toEndless(repository, query.feature.noun)
    } else {
      depth = 0
      since = last
      page = await getPage(client, address(new Date(last.getTime() - OVERLAP_MS)), query)
    }
  }
}

/**
 * The time from which to go on; null when it would not advance, or when the server kept neither order nor filter: then
 * only its own next page is safe.
 */
function toWatermark(items: readonly Changed[], since: Date | null): Date | null {
  const times = items.map(({ updated_at }) => updated_at.getTime())
  const earliest = since === null ? Number.NEGATIVE_INFINITY : since.getTime() - OVERLAP_MS
  const ordered = times.every((time, index) => time >= (times[index - 1] ?? earliest))
  const last = times.at(-1)
  return ordered && last !== undefined && (since === null || last > since.getTime()) ? new Date(last) : null
}

/** Versions that may come again: those of the last instants. Bounded, however long the list is. */
function keepEdge<Item extends Changed>(
  emitted: ReadonlySet<string>,
  { items, toVersion }: { items: readonly Item[]; toVersion: (item: Item) => string },
  since: Date | null,
): Set<string> {
  const edgeMs = since === null ? 0 : since.getTime() - OVERLAP_MS
  const known = [...emitted].filter((version) => Number(version.split('@')[1]) >= edgeMs)
  const added = items.filter(({ updated_at }) => updated_at.getTime() >= edgeMs).map(toVersion)
  return new Set([...known, ...added])
}

/** Update time of what changed last, in one request; null: there is none, or the list is switched off or not shown. */
export async function findNewest<Item extends Changed>(
  client: GitLabClient,
  { list, item, signal }: { readonly list: string; readonly item: z.ZodType<Item>; readonly signal: AbortSignal },
): Promise<Date | null> {
  try {
    const url = client.address(list, { order_by: 'updated_at', sort: 'desc', per_page: 1 })
    const { items } = await getPage(client, url, { item, signal })
    return items[0]?.updated_at ?? null
  } catch (error) {
    if (isSwitchedOff(error)) return null
    throw error
  }
}

/**
 * null when the feature is switched off; throws `not-found` when the repository itself is gone, `list-refused` when only
 * this token is not shown it.
 */
export async function unlessSwitchedOff<T>(
  client: GitLabClient,
  { repository, signal, feature }: Pick<ChangesQuery<Changed>, 'repository' | 'signal' | 'feature'>,
  read: () => Promise<T>,
): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!isSwitchedOff(error)) throw error
    // A list that ends normally is complete: it must not be said of a repository that has vanished, nor of a hidden list.
    const project = await findProject(client, repository.hostId, signal)
    if (project === null) throw error
    const level = project[feature.level]
    if (level === null || level === undefined || level === '' || level === 'disabled') return null
    throw toListRefused({ repository, feature }, error)
  }
}

function toListRefused(
  { repository, feature }: Pick<ChangesQuery<Changed>, 'repository' | 'feature'>,
  cause: unknown,
): ConnectorError {
  return new ConnectorError('list-refused', {
    userMessage: `GitLab does not list the ${feature.noun} of ${repository.path} for this token, although the project has them.`,
    remedy: 'What is stored of them stays. Give the owner of the token a higher role: Reporter reads them.',
    cause,
  })
}

/** What GitLab answers for a feature that a project does not have, or not for this token. */
export function isSwitchedOff(error: unknown): boolean {
  return isConnectorError(error, 'not-found') || isConnectorError(error, 'permission-missing')
}

function toTooDeep({ repository, feature }: Pick<ChangesQuery<Changed>, 'repository' | 'feature'>): ConnectorError {
  const text = `${repository.path} has more than ${MAX_DEPTH} ${feature.noun} of one and the same update time.`
  return toUnexpectedAnswer(text, { remedy: 'Report this as a bug, with the version of GitLab.' })
}

function toEndless(repository: HostRepositoryRef, noun: string): ConnectorError {
  const remedy = 'Look for a proxy or cache before GitLab that ignores the query of an address.'
  return toUnexpectedAnswer(`The list of ${noun} of ${repository.path} does not end: the same page came twice.`, { remedy })
}
