import { findIssue } from '../../db/views/explain.ts'
import { step, type ExplainedStep, type Visibility } from '../../domain/explanation.ts'
import type { IssueKey } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { explainApp, explainPermissions, explainPerson } from './explain-person.ts'
import { explainKey } from './explain-key.ts'
import { askJira } from './ask-jira.ts'

interface Asked {
  /** Name, e-mail address or full name of somebody in Jira. */
  readonly user: string
  readonly issue: IssueKey
}

/**
 * Why somebody sees, or does not see, the panel on an issue: Jira, the issue, what is stored and delivered, the person and
 * their permissions, the Jira app. It ends early where nothing later can be asked.
 */
export async function explainVisibility(app: AppContext, { user, issue }: Asked, closing: AbortSignal): Promise<Visibility> {
  const steps = await explainSteps(app, { user, issue }, closing)
  return { user, issue, visible: conclude(steps), steps }
}

async function explainSteps(app: AppContext, { user, issue }: Asked, closing: AbortSignal): Promise<ExplainedStep[]> {
  const { jira } = app
  if (jira === null) {
    return [step('no', 'jira', { text: 'No Jira is connected.', remedy: 'Connect Jira in the settings, or set jira.url.' })]
  }
  const reached = await explainJira(app, jira, closing)
  if (reached.state !== 'yes') return [reached]
  const exists = await explainIssue(app, { jira, issue }, closing)
  const known = await explainStored(app, issue)
  if (exists.state !== 'yes') return [reached, exists, ...known]
  const person = await explainPerson(app, { jira, user }, closing)
  const permissions = person.name === null ? [] : await explainPermissions(app, { jira, name: person.name, issue }, closing)
  return [reached, exists, ...known, person.step, ...permissions, await explainApp(app, jira, closing)]
}

/** Something that could not be asked is a note with a remedy. */
function conclude(steps: readonly ExplainedStep[]): Visibility['visible'] {
  if (steps.some(({ state }) => state === 'no' || state === 'waiting')) return 'no'
  return steps.some(({ state, step: name }) => state === 'note' && UNKNOWN_AS_NOTE.includes(name)) ? 'unknown' : 'yes'
}

const UNKNOWN_AS_NOTE: readonly ExplainedStep['step'][] = ['person', 'permission', 'jira-app']

async function explainJira(app: AppContext, jira: JiraConnection, closing: AbortSignal): Promise<ExplainedStep> {
  const asked = await askJira(app, (signal) => jira.client.getServerInfo(signal), closing)
  if ('problem' in asked) return step('no', 'jira', { text: asked.problem.message, remedy: asked.problem.remedy })
  return step('yes', 'jira', { text: `Jira ${asked.answer.version} is connected and answers.` })
}

async function explainIssue(
  app: AppContext,
  { jira, issue }: { readonly jira: JiraConnection; readonly issue: IssueKey },
  closing: AbortSignal,
): Promise<ExplainedStep> {
  const asked = await askJira(app, (signal) => jira.client.findIssues([issue], signal), closing)
  if ('problem' in asked) return step('no', 'issue', { text: asked.problem.message, remedy: asked.problem.remedy })
  const found = asked.answer.get(issue)
  if (found === undefined) {
    return step('no', 'issue', {
      text: `Jira has no issue ${issue}, or does not show it to the connector's user.`,
      remedy:
        "Check the key. If the issue exists, give the connector's user Browse Projects, and add it to the issue's security level.",
    })
  }
  const moved = found.key === issue ? '' : `; it is called ${found.key} today`
  return step('yes', 'issue', { text: `Jira has the issue ${issue}${moved}.` })
}

/** What is stored for the issue and whether Jira took it, as for any key. */
async function explainStored(app: AppContext, issue: IssueKey): Promise<ExplainedStep[]> {
  const { subject } = await explainKey(app, issue)
  const stored = await findIssue(app.db.read, issue)
  const empty = stored?.state === 'clean' && stored.contentHash === null
  return subject.steps.map((one) =>
    empty && one.step === 'delivered' && one.state === 'yes'
      ? step('no', 'delivered', {
          text: 'Nothing that is linked names the issue any more: there is nothing to show.',
          remedy: 'Link the repository that names it, or push a commit that does.',
        })
      : one,
  )
}
