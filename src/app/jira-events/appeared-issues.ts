import {
  listAwaitedProjects,
  listNewestUnknownIssues,
  selectUnknownIssues,
  type AwaitedProject,
} from '../../db/stores/jira-hints.ts'
import type { IssueKey } from '../../domain/ids.ts'
import type { JiraClient } from '../../jira/client.ts'
import type { AppContext } from '../app-context.ts'
import { requeue } from './requeue.ts'

/** Jira caps a page at 1,000 without a word. */
const PAGE_SIZE = 500
/** Above this many changed issues it is cheaper, and bounded, to ask for the keys that are waited for. */
const MOST_PAGES = 20
const PROJECTS_PER_SEARCH = 100
const KEYS_ASKED_INSTEAD = 1_000
const MINUTE_MS = 60_000
/** Jira's clock, and its index that lags behind. */
const OVERLAP_MINUTES = 1
/** Nothing else reaches a query. */
const PROJECT_KEY = /^[A-Z][A-Z0-9_]*$/

export interface Appeared {
  readonly requests: number
  readonly appeared: number
}

/**
 * Makes those unknown issues due that Jira has by now, for all that changed since `since` in the projects of which something
 * is waited for. Without such a project it costs nothing. Asks by age, because Jira reads a date in its user's time zone.
 */
export async function requeueAppearedIssues(
  app: AppContext,
  { since, now }: { since: number; now: number },
  signal: AbortSignal,
): Promise<Appeared> {
  const { jira } = app
  const awaited = (await listAwaitedProjects(app.db.read)).filter(({ key }) => PROJECT_KEY.test(key))
  if (jira === null || awaited.length === 0) return { requests: 0, appeared: 0 }
  const minutes = Math.max(1, Math.ceil((now - since) / MINUTE_MS)) + OVERLAP_MINUTES
  let requests = 0
  let appeared = 0
  for (let start = 0; start < awaited.length; start += PROJECTS_PER_SEARCH) {
    const projects = awaited.slice(start, start + PROJECTS_PER_SEARCH)
    const names = projects.map(({ key }) => `"${key}"`).join(',')
    // By key: an issue that changes meanwhile keeps its place, so that no page loses one.
    const jql = `project in (${names}) AND updated >= -${minutes}m ORDER BY key ASC`
    for await (const page of listPages(jira.client, jql, signal)) {
      requests += 1
      if (page === 'too-many') return askByKeys(app, { client: jira.client, requests, appeared }, signal)
      appeared += await requeueNow(app, await selectUnknownIssues(app.db.read, toHeldNames(page, projects)))
    }
  }
  return { requests, appeared }
}

/** Ends after a page that is not full; `too-many` says that there would be more than is worth reading. */
async function* listPages(
  client: JiraClient,
  jql: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[] | 'too-many', void, undefined> {
  for (let startAt = 0; ;) {
    const { total, issues } = await client.searchIssues({ jql, startAt, maxResults: PAGE_SIZE }, signal)
    if (total > MOST_PAGES * PAGE_SIZE) {
      yield 'too-many'
      return
    }
    yield issues.map(({ key }) => key)
    startAt += issues.length
    // Jira may give smaller pages than it was asked for.
    if (issues.length === 0 || startAt >= total) return
  }
}

/** The names under which issues may be stored here: by any key that their project ever had. */
function toHeldNames(keys: readonly string[], projects: readonly AwaitedProject[]): string[] {
  const byKey = new Map(projects.map((project) => [project.key, project.allKeys]))
  return keys.flatMap((key) => {
    const dash = key.lastIndexOf('-')
    const project = key.slice(0, dash)
    return (byKey.get(project) ?? [project]).map((name) => `${name}${key.slice(dash)}`)
  })
}

async function askByKeys(
  app: AppContext,
  { client, requests, appeared }: Appeared & { client: JiraClient },
  signal: AbortSignal,
): Promise<Appeared> {
  const keys = await listNewestUnknownIssues(app.db.read, KEYS_ASKED_INSTEAD)
  const found = await client.findIssues(keys, signal, { searchOnly: true })
  const more = await requeueNow(
    app,
    keys.filter((key) => found.has(key)),
  )
  return { requests: requests + Math.ceil(keys.length / 100), appeared: appeared + more }
}

async function requeueNow(app: AppContext, keys: readonly IssueKey[]): Promise<number> {
  if (keys.length === 0) return 0
  const dueAt = app.clock.now().getTime()
  await app.db.write('interactive', (tx) => requeue(app, tx, { keys, dueAt, uncertain: false }))
  return keys.length
}
