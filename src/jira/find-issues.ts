import { isConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import { issueSchema, searchSchema, summarySchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

export interface JiraIssueRef {
  /** Numeric id as text: the identity of an issue, whatever its key is today. */
  readonly id: string
  /** Its key today. */
  readonly key: string
}

export interface FindIssuesOptions {
  /** One request for a hundred keys and no more: former keys of moved issues are not found then. Default: false. */
  readonly searchOnly?: boolean
}

export interface FindIssues extends FindIssuesOptions {
  readonly transport: JiraTransport
  readonly log: Logger
  readonly keys: readonly string[]
  readonly signal: AbortSignal
}

/** Far below Jira's silent cap of 1,000 results, and short enough for every proxy. */
const KEYS_PER_SEARCH = 100
/** Nothing else reaches a query, so that a hostile commit message cannot write JQL. */
const ISSUE_ID = /^[1-9][0-9]{0,17}$/
const ISSUE_KEY = /^[A-Z][A-Z0-9_]{0,254}-[1-9][0-9]{0,17}$/

/**
 * Finds the issues behind keys: one search for a hundred, then those that it did not return under the key asked for
 * (moved, unknown or hidden) one by one. Absent from the result: no such issue, or not visible.
 */
export async function findJiraIssues({
  transport,
  log,
  keys,
  signal,
  searchOnly = false,
}: FindIssues): Promise<Map<string, JiraIssueRef>> {
  const found = new Map<string, JiraIssueRef>()
  const wanted = [...new Set(keys)].filter((key) => ISSUE_KEY.test(key))
  for (let start = 0; start < wanted.length; start += KEYS_PER_SEARCH) {
    const batch = wanted.slice(start, start + KEYS_PER_SEARCH)
    const terms = batch.length < 2 ? [] : batch.map((key) => `"${key}"`)
    for (const issue of await searchIssues({ transport, log, terms, signal })) found.set(issue.key, issue)
    if (searchOnly && batch.length > 1) continue
    const rest = batch.filter((key) => !found.has(key))
    // Bounded by the batch; the pace decides how many run at once.
    const singles = await Promise.all(rest.map(async (key) => [key, await findIssue(transport, key, signal)] as const))
    for (const [key, issue] of singles) if (issue !== null) found.set(key, issue)
  }
  return new Map(wanted.flatMap((key) => entryOf(key, found.get(key))))
}

/** Issues by numeric id, a hundred per request; absent: deleted, or not visible. A moved issue has its key of today. */
export async function findJiraIssuesById({
  transport,
  log,
  ids,
  signal,
}: Omit<FindIssues, 'keys'> & { readonly ids: readonly string[] }): Promise<Map<string, JiraIssueRef>> {
  const wanted = [...new Set(ids)].filter((id) => ISSUE_ID.test(id))
  const found = new Map<string, JiraIssueRef>()
  for (let start = 0; start < wanted.length; start += KEYS_PER_SEARCH) {
    const batch = wanted.slice(start, start + KEYS_PER_SEARCH)
    // Without quotes: a number in quotes is taken for a key.
    for (const issue of await searchIssues({ transport, log, terms: batch, signal })) found.set(issue.id, issue)
  }
  return found
}

export interface JiraSearch {
  /** Made of what was checked, never of text from outside. */
  readonly jql: string
  readonly startAt: number
  readonly maxResults: number
}

/** One page of a search; `total` counts all. */
export async function searchJira(
  transport: JiraTransport,
  search: JiraSearch,
  signal: AbortSignal,
): Promise<{ readonly total: number; readonly issues: readonly JiraIssueRef[] }> {
  const json = { ...search, fields: ['summary'], validateQuery: false }
  return transport.sendFor(
    { method: 'POST', path: 'rest/api/2/search', json, what: 'searching changed issues', signal },
    searchSchema,
  )
}

interface SearchByTerms extends Pick<FindIssues, 'transport' | 'log' | 'signal'> {
  /** Keys in quotes, or ids: literals of JQL. */
  readonly terms: readonly string[]
}

async function searchIssues({ transport, log, terms, signal }: SearchByTerms): Promise<JiraIssueRef[]> {
  if (terms.length === 0) return []
  const jql = `key in (${terms.join(',')})`
  // `false` is understood by every version, whether the field is a boolean there or a text.
  const json = { jql, startAt: 0, maxResults: terms.length, fields: ['summary'], validateQuery: false }
  const what = `searching ${terms.length} issues`
  try {
    const answer = await transport.sendFor({ method: 'POST', path: 'rest/api/2/search', json, what, signal }, searchSchema)
    return answer.issues
  } catch (error) {
    if (!isConnectorError(error, 'jira-refused')) throw error
    if (terms.length === 1) return []
    // A Jira that validates all the same refuses the whole query for one unknown key: halves find the others.
    log.debug({ terms: terms.length }, 'jira refused a search by keys, asking in halves')
    const middle = Math.ceil(terms.length / 2)
    const first = await searchIssues({ transport, log, terms: terms.slice(0, middle), signal })
    return [...first, ...(await searchIssues({ transport, log, terms: terms.slice(middle), signal }))]
  }
}

async function findIssue(transport: JiraTransport, key: string, signal: AbortSignal): Promise<JiraIssueRef | null> {
  const path = `rest/api/2/issue/${encodeURIComponent(key)}`
  try {
    return await transport.get(
      { path, query: { fields: 'summary' }, what: `reading issue ${key}`, issue: key, signal },
      issueSchema,
    )
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return null
    // An issue behind a security level answers 403 in some versions.
    if (isConnectorError(error, 'jira-permission-missing')) return null
    throw error
  }
}

/** What an issue is called; null: there is none, or it is not visible. */
export async function findIssueSummary(transport: JiraTransport, key: string, signal: AbortSignal): Promise<string | null> {
  if (!ISSUE_KEY.test(key)) return null
  const path = `rest/api/2/issue/${encodeURIComponent(key)}`
  try {
    const call = { path, query: { fields: 'summary' }, what: `reading issue ${key}`, issue: key, signal }
    return (await transport.get(call, summarySchema)).fields.summary ?? null
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found') || isConnectorError(error, 'jira-permission-missing')) return null
    throw error
  }
}

function entryOf(key: string, issue: JiraIssueRef | undefined): [string, JiraIssueRef][] {
  return issue === undefined ? [] : [[key, issue]]
}
