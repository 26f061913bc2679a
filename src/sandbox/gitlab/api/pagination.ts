import { badParameter, ok, Refusal, type Answer } from '../answer.ts'
import { integer } from './parameters.ts'
import type { ApiCall } from './router.ts'

const DEFAULT_PER_PAGE = 20
const MAX_PER_PAGE = 100

export interface PageRequest {
  readonly page: number
  readonly perPage: number
  readonly offset: number
}

export function pageRequest(call: ApiCall, kind: string): PageRequest {
  const page = integer(call, 'page') ?? 1
  const perPage = integer(call, 'per_page') ?? DEFAULT_PER_PAGE
  if (page < 1) throw badParameter('page does not have a valid value')
  if (perPage < 1) throw badParameter('per_page does not have a valid value')
  const size = Math.min(perPage, MAX_PER_PAGE)
  const offset = (page - 1) * size
  const { maxOffset } = call.world.features
  if (maxOffset > 0 && offset > maxOffset) throw offsetRefused(maxOffset, kind)
  return { page, perPage: size, offset }
}

/** A page of a list of which everything is known: offset paging with totals up to 10,000 records. */
export async function paginate<T>(
  call: ApiCall,
  kind: string,
  items: readonly T[],
  toJson: (item: T) => unknown,
): Promise<Answer> {
  const request = pageRequest(call, kind)
  const shown = items.slice(request.offset, request.offset + request.perPage)
  return ok(
    await Promise.all(shown.map(toJson)),
    offsetHeaders(call, request, { hasNext: request.offset + request.perPage < items.length, total: items.length }),
  )
}

/**
 * Headers of offset paging; `total: null` or a total above the limit leaves out the totals and `rel="last"`.
 * @see GitLab documentation "Offset-based pagination"
 */
export function offsetHeaders(
  call: ApiCall,
  request: PageRequest,
  list: { hasNext: boolean; total: number | null },
): Record<string, string> {
  const { page, perPage } = request
  const counted = list.total !== null && list.total <= call.world.features.countLimit
  const pages = list.total === null ? 0 : Math.max(1, Math.ceil(list.total / perPage))
  const rels: [string, number][] = []
  if (page > 1) rels.push(['prev', page - 1])
  if (list.hasNext) rels.push(['next', page + 1])
  rels.push(['first', 1])
  if (counted) rels.push(['last', pages])
  const link = rels.map(([rel, to]) => linkTo(call, rel, { page: String(to), per_page: String(perPage) })).join(', ')
  return {
    link,
    'x-next-page': list.hasNext ? String(page + 1) : '',
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': page > 1 ? String(page - 1) : '',
    ...(counted ? { 'x-total': String(list.total), 'x-total-pages': String(pages) } : {}),
  }
}

/** A page of a keyset list: the only way on is `rel="next"`. `next` names the parameters that continue it. */
export async function paginateByKey<T>(
  call: ApiCall,
  items: readonly T[],
  next: (last: T) => Record<string, string>,
  toJson: (item: T) => unknown,
): Promise<Answer> {
  const perPage = Math.min(integer(call, 'per_page') ?? DEFAULT_PER_PAGE, MAX_PER_PAGE)
  if (perPage < 1) throw badParameter('per_page does not have a valid value')
  const shown = items.slice(0, perPage)
  const last = shown.at(-1)
  const link = items.length > perPage && last !== undefined ? linkTo(call, 'next', next(last)) : null
  return ok(await Promise.all(shown.map(toJson)), link === null ? {} : { link })
}

function linkTo(call: ApiCall, rel: string, changes: Readonly<Record<string, string>>): string {
  const url = new URL(call.url)
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value)
  return `<${url.href}>; rel="${rel}"`
}

function offsetRefused(maxOffset: number, kind: string): Refusal {
  const error =
    `Offset pagination has a maximum allowed offset of ${maxOffset} for requests that return objects of type ${kind}. ` +
    'Remaining records can be retrieved using keyset pagination.'
  return new Refusal({ status: 405, json: { error } })
}
