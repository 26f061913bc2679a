import { listProjectKeys } from '../../db/stores/projects.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { readProjects } from '../delivery/refresh-projects.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { ensureJiraWorks } from '../identity/ensure-same-jira.ts'

/** Which keys are of projects of Jira, as a run of the execution needs to know it before it says that one is not. */
export interface KnownProjects {
  /**
   * Whether Jira has a project of one of these keys; while Jira shows no list of its projects, any may exist.
   *
   * @param keys of projects
   * @param metAtMs when they were met: an older list is read again, because a project may be newer
   * @throws ConnectorError Jira as a whole fails
   */
  mayHave(keys: readonly string[], metAtMs: number, signal: AbortSignal): Promise<boolean>
}

/** @param jira that the run works with */
export function createKnownProjects(app: AppContext, jira: JiraConnection): KnownProjects {
  /** When this run read the list; one request that is made once for all that was met before it. */
  let readAt = Number.NEGATIVE_INFINITY
  let told = true
  const find = async () => new Set(await listProjectKeys(app.db.read))
  return {
    async mayHave(keys, metAtMs, signal) {
      const has = (known: ReadonlySet<string>) => keys.some((key) => known.has(key))
      if (has(await find())) return true
      if (readAt <= metAtMs) {
        const now = app.clock.now().getTime()
        told = await tryToRead(app, jira, signal)
        readAt = Math.max(now, metAtMs + 1)
      }
      if (!told) return true
      const known = await find()
      return known.size === 0 || has(known)
    },
  }
}

/** False: Jira works and does not tell its projects, so that each issue is asked for by its key. */
async function tryToRead(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<boolean> {
  try {
    await readProjects(app, jira, signal)
    return true
  } catch (error) {
    if (!isConnectorError(error) || signal.aborted) throw error
    await ensureJiraWorks(app, jira, signal)
    app.log.warn({ error }, 'projects of Jira could not be read: issues of smart commits are looked up by their keys')
    return false
  }
}
