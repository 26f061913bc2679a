import { step, type ExplainedStep } from '../../domain/explanation.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { JIRA_APP_KEY } from '../../jira/jira-app-key.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { askJira } from './ask-jira.ts'

/** More of the same name are not told. */
const MAX_NAMED = 5

/** Whether there is such a person; `name`: whom to ask about further, null: nobody. */
export async function explainPerson(
  app: AppContext,
  { jira, user }: { readonly jira: JiraConnection; readonly user: string },
  closing: AbortSignal,
): Promise<{ readonly step: ExplainedStep; readonly name: string | null }> {
  const asked = await askJira(app, (signal) => jira.client.visibility.findUsers(user, signal), closing)
  if ('problem' in asked) return { step: step('note', 'person', notAsked(`who "${user}" is`, asked.problem)), name: null }
  const [found, ...others] = asked.answer
  if (found === undefined) {
    const text = `Jira has no user whose name, e-mail address or full name is "${user}".`
    return { step: step('no', 'person', { text, remedy: 'Give the name that the person signs in to Jira with.' }), name: null }
  }
  if (others.length > 0) {
    const names = asked.answer.slice(0, MAX_NAMED).map(({ name }) => name)
    const text = `Several users of Jira are called "${user}": ${names.join(', ')}${others.length >= MAX_NAMED ? ', …' : ''}.`
    return { step: step('no', 'person', { text, remedy: 'Ask for one of them by name.' }), name: null }
  }
  const told = `${found.displayName || found.name} (${found.name})`
  if (found.active) return { step: step('yes', 'person', { text: `${told} is an active user of Jira.` }), name: found.name }
  const remedy = 'A Jira administrator can activate the user under User management.'
  return { step: step('no', 'person', { text: `${told} is deactivated in Jira.`, remedy }), name: found.name }
}

const NEEDED = [
  { permission: 'BROWSE_PROJECTS', label: 'Browse Projects' },
  { permission: 'VIEW_DEV_TOOLS', label: 'View Development Tools' },
] as const

/** The two permissions that the panel needs. */
export async function explainPermissions(
  app: AppContext,
  { jira, name, issue }: { readonly jira: JiraConnection; readonly name: string; readonly issue: IssueKey },
  closing: AbortSignal,
): Promise<ExplainedStep[]> {
  const { visibility } = jira.client
  const steps: ExplainedStep[] = []
  for (const { permission, label } of NEEDED) {
    const asked = await askJira(app, (signal) => visibility.hasPermission(name, { issue, permission }, signal), closing)
    if ('problem' in asked) {
      steps.push(step('note', 'permission', notAsked(`whether ${name} has ${label} on ${issue}`, asked.problem, ADMINISTER)))
    } else if (asked.answer) steps.push(step('yes', 'permission', { text: `${name} has ${label} on ${issue}.` }))
    else steps.push(step('no', 'permission', { text: `${name} lacks ${label} on ${issue}.`, remedy: remedyOf(label) }))
  }
  return steps
}

const ADMINISTER = "Jira tells this to administrators of Jira or of the project: make the connector's user one, or look yourself."

function remedyOf(label: string): string {
  const grant = `Grant ${label} in the project's permission scheme, to the person or to a role or group they are in`
  return label === 'Browse Projects' ? `${grant}, and look at the issue's security level.` : `${grant}.`
}

/** Whether the Jira app, which draws the panel, is there. */
export async function explainApp(app: AppContext, { client }: JiraConnection, closing: AbortSignal): Promise<ExplainedStep> {
  const asked = await askJira(app, (signal) => client.visibility.findApp(JIRA_APP_KEY, signal), closing)
  if ('problem' in asked) {
    return step('note', 'jira-app', notAsked('whether the Jira app is installed', asked.problem, LOOK_YOURSELF))
  }
  if (asked.answer === null) {
    const remedy =
      'Download it under Settings > Jira app, or make it with "jira-dvcs jira-app", and upload it in Jira under Manage apps.'
    return step('no', 'jira-app', { text: 'The Jira app is not installed: nothing draws the panel.', remedy })
  }
  const { enabled, version } = asked.answer
  if (enabled) return step('yes', 'jira-app', { text: `The Jira app ${version} is installed and enabled.` })
  return step('no', 'jira-app', { text: `The Jira app ${version} is disabled.`, remedy: 'Enable it in Jira under Manage apps.' })
}

const LOOK_YOURSELF = "Jira tells this to its administrators: look under Manage apps, or make the connector's user one."

function notAsked(what: string, problem: { readonly message: string; readonly remedy: string | null }, remedy?: string) {
  return { text: `It is not known ${what}: ${problem.message}`, remedy: remedy ?? problem.remedy }
}
