import type { Problem } from '../../domain/problem.ts'
import { JIRA_APP_KEY } from '../../jira/jira-app-key.ts'
import type { AppContext } from '../app-context.ts'
import { askJira } from '../explain/ask-jira.ts'
import { compareVersions } from './compare-versions.ts'

/** The Jira app as the connected Jira has it, beside the version that this connector makes. */
export interface InstalledJiraApp {
  /** `different`: a version that cannot be compared; `unknown`: Jira could not be asked, or did not tell. */
  readonly state: 'not-connected' | 'absent' | 'disabled' | 'older' | 'current' | 'newer' | 'different' | 'unknown'
  /** null: none is known. */
  readonly version: string | null
  /** Why it is unknown. */
  readonly problem: Problem | null
}

/** Asks Jira, which tells it to its administrators alone. */
export async function readInstalledApp(app: AppContext, version: string, closing: AbortSignal): Promise<InstalledJiraApp> {
  const { jira } = app
  if (jira === null) return { state: 'not-connected', version: null, problem: null }
  const asked = await askJira(app, (signal) => jira.client.visibility.findApp(JIRA_APP_KEY, signal), closing)
  if ('problem' in asked) return { state: 'unknown', version: null, problem: asked.problem }
  if (asked.answer === null) return { state: 'absent', version: null, problem: null }
  const { enabled, version: installed } = asked.answer
  return { state: enabled ? compare(installed, version) : 'disabled', version: installed, problem: null }
}

function compare(installed: string, made: string): InstalledJiraApp['state'] {
  const order = compareVersions(installed, made)
  if (order === null) return 'different'
  return order === 0 ? 'current' : order < 0 ? 'older' : 'newer'
}
