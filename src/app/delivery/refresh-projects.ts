import type { IssueKey } from '../../domain/ids.ts'
import { listUnknownIssues, retryIssues, retryUnknownIssues } from '../../db/stores/issues.ts'
import { replaceProjects } from '../../db/stores/projects.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

const REFRESH_INTERVAL_MS = 5 * 60_000
/** Unknown issues asked for again at each refresh: three requests. */
const UNKNOWN_CHECKS = 300

/**
 * Reads Jira's projects, which decide what is an issue key; a project that is new gets its history, which was stored all
 * the while. Then asks again for the newest issues that Jira did not know: a commit may come before its issue.
 *
 * @throws ConnectorError of the Jira client; the projects known before stay
 */
export async function refreshProjects(app: AppContext, signal: AbortSignal): Promise<void> {
  const { jira } = app
  if (jira === null) return
  const projects = await jira.client.listProjects(signal)
  if (projects.length === 0) {
    throw new ConnectorError('jira-no-projects', {
      userMessage: "Jira shows the connector's user no project at all.",
      remedy: "Give that user the permission Browse Projects in the projects whose issues shall show development information.",
      retryable: true,
    })
  }
  const now = app.clock.now().getTime()
  const added = await app.db.write('interactive', async (tx) => {
    const keys = await replaceProjects(tx, projects)
    await retryUnknownIssues(tx, keys, now)
    return keys
  })
  if (added.length > 0) app.log.info({ projects: added.length }, 'new Jira projects')
  const created = await findCreatedIssues(app, signal)
  await app.db.write('interactive', async (tx) => {
    await retryIssues(tx, created, now)
    await app.jobs.add(tx, { name: 'deliver', payload: {}, key: 'deliver' })
    await app.jobs.add(tx, { name: 'refresh-projects', payload: {}, key: 'refresh-projects', runAt: new Date(now + REFRESH_INTERVAL_MS) })
  })
}

async function findCreatedIssues(app: AppContext, signal: AbortSignal): Promise<IssueKey[]> {
  const unknown = await listUnknownIssues(app.db.read, UNKNOWN_CHECKS)
  if (unknown.length === 0 || app.jira === null) return []
  const found = await app.jira.client.findIssues(unknown, signal)
  return unknown.filter((key) => found.has(key))
}
