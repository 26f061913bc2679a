import type { HostId } from '../../domain/ids.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HostOwner, HostRepository } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import type { GitLabClient } from './client.ts'
import { toRepository } from './map.ts'
import { getPage, listPages, PER_PAGE, type Page } from './paging.ts'
import { projectSchema, type ProjectJson } from './schema.ts'

export interface RepositoryList {
  readonly client: GitLabClient
  /** Address of the web interface. */
  readonly base: URL
}

/** GitLab's default limit of offset paging (`offset_pagination_limit`). */
const MAX_OFFSET = 50_000

/** Every repository of the owner, archived ones included: ⌈N/100⌉ requests. */
export async function* listRepositories(
  { client, base }: RepositoryList,
  owner: HostOwner,
  signal: AbortSignal,
): AsyncGenerator<readonly HostRepository[], void, void> {
  const url = toListAddress(client, owner)
  const options = { item: projectSchema, signal }
  const pages = listPages(client, url, options)
  for await (const page of owner.kind === 'all' ? untilShortPage(pages) : withoutShifts(pages, owner)) {
    yield page.items.map((project) => toRepository(project, base))
  }
}

/** `x-total` of a page of one; null above 10,000, where GitLab tells none. */
export async function countRepositories(client: GitLabClient, owner: HostOwner, signal: AbortSignal): Promise<number | null> {
  const url = toListAddress(client, owner)
  // Keyset paging counts nothing.
  url.searchParams.delete('pagination')
  url.searchParams.set('per_page', '1')
  return (await getPage(client, url, { item: projectSchema, signal })).total
}

/** One repository by its id; null when it is gone or hidden. */
export async function findRepository(
  { client, base }: RepositoryList,
  id: HostId,
  signal: AbortSignal,
): Promise<HostRepository | null> {
  const project = await findProject(client, id, signal)
  return project === null ? null : toRepository(project, base)
}

/** Bytes of the Git repository; null when the token may not know (statistics need Reporter). */
export async function findRepositorySize(client: GitLabClient, id: HostId, signal: AbortSignal): Promise<number | null> {
  try {
    const project = await client.get(client.address(`projects/${id}`, { statistics: true }), projectSchema, signal)
    return project.statistics?.repository_size ?? null
  } catch (error) {
    if (isConnectorError(error, 'not-found') || isConnectorError(error, 'permission-missing')) return null
    throw error
  }
}

/** What GitLab tells of one; null when it is gone or hidden. */
export async function findProject(client: GitLabClient, id: HostId, signal: AbortSignal): Promise<ProjectJson | null> {
  try {
    return await client.get(client.address(`projects/${id}`), projectSchema, signal)
  } catch (error) {
    if (isConnectorError(error, 'not-found')) return null
    throw error
  }
}

function toListAddress(client: GitLabClient, owner: HostOwner): URL {
  const order = { order_by: 'id', sort: 'asc', per_page: PER_PAGE }
  switch (owner.kind) {
    case 'group':
      return client.address(`groups/${owner.hostId}/projects`, { include_subgroups: true, with_shared: false, ...order })
    case 'user':
      return client.address(`users/${owner.hostId}/projects`, order)
    case 'all':
      return client.address('projects', { membership: true, pagination: 'keyset', ...order })
  }
}

/**
 * GitLab's keyset paging of projects names a next page behind every page that is not empty; a page that is not full is
 * the last one all the same, because its rows are cut by the database.
 */
async function* untilShortPage(pages: AsyncIterable<Page<ProjectJson>>): AsyncGenerator<Page<ProjectJson>, void, void> {
  for await (const page of pages) {
    yield page
    if (page.items.length < (page.perPage ?? PER_PAGE)) return
  }
}

/**
 * Offset paging loses a repository when one of an earlier page disappears meanwhile: all behind it move up. The total
 * then falls, and the list is not complete.
 */
async function* withoutShifts(
  pages: AsyncIterable<Page<ProjectJson>>,
  owner: HostOwner,
): AsyncGenerator<Page<ProjectJson>, void, void> {
  let lastTotal = 0
  let read = 0
  for await (const page of pages) {
    if (page.total !== null && page.total < lastTotal) {
      const text = `The repositories of ${owner.name} changed while they were listed.`
      throw toUnexpectedAnswer(text, { retryable: true, remedy: 'It is tried again.' })
    }
    lastTotal = page.total ?? lastTotal
    read += page.items.length
    yield page
    if (page.next !== null && read >= MAX_OFFSET) throw toTooMany(owner)
  }
}

function toTooMany(owner: HostOwner): ConnectorError {
  return new ConnectorError('unexpected-answer', {
    userMessage: `${owner.name} has more than ${MAX_OFFSET} repositories: GitLab does not list more of one group.`,
    remedy: 'Connect its subgroups as accounts of their own, or leave the owner out and use a token that is a member.',
  })
}
