import { isConnectorError } from '../lib/connector-error.ts'
import type { Logger } from '../lib/logger.ts'
import { issueSchema, searchSchema } from './jira-schema.ts'
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
    for (const issue of await searchIssues({ transport, log, keys: batch, signal })) found.set(issue.key, issue)
    if (searchOnly && batch.length > 1) continue
    const rest = batch.filter((key) => !found.has(key))
    // Bounded by the batch; the pace decides how many run at once.
    const singles = await Promise.all(rest.map(async (key) => [key, await findIssue(transport, key, signal)] as const))
    for (const [key, issue] of singles) if (issue !== null) found.set(key, issue)
  }
  return new Map(wanted.flatMap((key) => entryOf(key, found.get(key))))
}

async function searchIssues({ transport, log, keys, signal }: FindIssues): Promise<JiraIssueRef[]> {
  if (keys.length < 2) return []
  const jql = `key in (${keys.map((key) => `"${key}"`).join(',')})`
  // `false` is understood by every version, whether the field is a boolean there or a text.
  const json = { jql, startAt: 0, maxResults: keys.length, fields: ['summary'], validateQuery: false }
  const what = `searching ${keys.length} issues`
  try {
    const answer = await transport.sendFor({ method: 'POST', path: 'rest/api/2/search', json, what, signal }, searchSchema)
    return answer.issues
  } catch (error) {
    if (!isConnectorError(error, 'jira-refused')) throw error
    // A Jira that validates all the same refuses the whole query for one unknown key: halves find the others.
    log.debug({ keys: keys.length }, 'jira refused a search by keys, asking in halves')
    const middle = Math.ceil(keys.length / 2)
    const first = await searchIssues({ transport, log, keys: keys.slice(0, middle), signal })
    return [...first, ...(await searchIssues({ transport, log, keys: keys.slice(middle), signal }))]
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

function entryOf(key: string, issue: JiraIssueRef | undefined): [string, JiraIssueRef][] {
  return issue === undefined ? [] : [[key, issue]]
}
