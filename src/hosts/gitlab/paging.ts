import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { HttpResponse } from '../../lib/http-client.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import { describeResource, parseAnswer, type GitLabClient } from './client.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** The next page as the server names it; null: this was the last one. */
  readonly next: URL | null
  /** `x-total`, absent above 10,000 records. */
  readonly total: number | null
  /** `x-per-page`: how many the server put on a page; null with keyset paging. */
  readonly perPage: number | null
  /** Fingerprint of the page's bytes, null when it is empty: equal ones mean that the server repeats itself. */
  readonly digest: string | null
}

/** Items asked for with each page: GitLab's maximum. */
export const PER_PAGE = 100
/** One million items: no list of one repository or account is meant to be longer. */
const MAX_PAGES = 10_000

/** Reads one page; a page with one wrong item is an error, never a shorter page. */
export async function getPage<T>(client: GitLabClient, url: URL, options: ListOptions<T>): Promise<Page<T>> {
  const response = await client.request({
    method: 'GET',
    url,
    signal: options.signal,
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  })
  const items = parseAnswer(response, z.array(options.item))
  return {
    items,
    next: findNext(response, client.address('')),
    total: toCount(response.headers['x-total']),
    perPage: toCount(response.headers['x-per-page']),
    digest: items.length === 0 ? null : createHash('sha256').update(response.body).digest('base64'),
  }
}

export interface ListOptions<T> {
  readonly item: z.ZodType<T>
  readonly signal: AbortSignal
  /** Of one page; default: the client's. */
  readonly maxBytes?: number
}

/**
 * Follows `rel="next"` from `url` to the end, and only it: totals are absent above 10,000 records and from commits.
 * Ends normally only behind the last page. A page or an address that comes twice throws `unexpected-answer`.
 */
export async function* listPages<T>(
  client: GitLabClient,
  url: URL,
  options: ListOptions<T>,
): AsyncGenerator<Page<T>, void, void> {
  const seen = new Set<string>([url.href])
  let lastDigest: string | null = null
  let address = url
  for (let count = 1; ; count += 1) {
    const page = await getPage(client, address, options)
    if (page.digest !== null && page.digest === lastDigest) throw toLoop(address, 'the same page came twice')
    lastDigest = page.digest
    yield page
    if (page.next === null) return
    if (seen.has(page.next.href)) throw toLoop(address, 'the next page was read already')
    if (count === MAX_PAGES) throw toLoop(address, `it is longer than ${MAX_PAGES} pages`)
    seen.add(page.next.href)
    address = page.next
  }
}

/** The address behind `rel="next"` (RFC 8288), which must lie below the API's own address: it gets our credentials. */
function findNext({ headers, url }: HttpResponse, api: URL): URL | null {
  const target = findLink(headers['link'] ?? '', 'next')
  if (target === null) return null
  const next = URL.parse(target, url)
  if (next !== null && next.origin === api.origin && next.pathname.startsWith(api.pathname)) return next
  const remedy =
    'Enter the address of the account as GitLab itself uses it (its external_url), or let the proxy before it pass the headers Host and X-Forwarded-Proto.'
  const where = next === null ? 'nowhere' : next.origin
  throw toUnexpectedAnswer(`${describeResource('The list', url)} continues at ${where}, another address than ${api.origin}.`, {
    remedy,
  })
}

/** The target of one relation in a `Link` header. */
export function findLink(header: string, rel: string): string | null {
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^>]*)>((?:\s*;\s*[^,;<"]*(?:"[^"]*")?)*)/g)) {
    const rels = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters)
    if ((rels?.[1] ?? rels?.[2] ?? '').toLowerCase().split(/\s+/).includes(rel)) return target
  }
  return null
}

function toCount(value: string | undefined): number | null {
  return value === undefined || !/^\d+$/.test(value) ? null : Number(value)
}

function toLoop(url: URL, reason: string) {
  const remedy = 'Look for a proxy or cache before GitLab that ignores the query of an address.'
  return toUnexpectedAnswer(`${describeResource('The list', url)} does not end: ${reason}.`, { remedy })
}
