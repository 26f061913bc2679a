import type { Problem } from '../domain/problem.ts'
import { toShownText } from '../domain/shown-text.ts'
import { transitionCommand } from '../domain/transition-name.ts'
import type { IssuePermission } from './issue-permission.ts'

/** Whom a failure is about. */
export interface Actor {
  /** Display name of the person it is done for. */
  readonly person: string
  /** Whether Jira was asked with the person's own token. */
  readonly own: boolean
}

const PERMISSIONS: Partial<Record<IssuePermission, { readonly name: string; readonly doing: string }>> = {
  BROWSE_PROJECTS: { name: 'Browse Projects', doing: 'see' },
  ADD_COMMENTS: { name: 'Add Comments', doing: 'comment on' },
  WORK_ON_ISSUES: { name: 'Work On Issues', doing: 'log work on' },
  TRANSITION_ISSUES: { name: 'Transition Issues', doing: 'change the status of' },
}
const MOST_NAMES = 20
const LONGEST_NAME = 100

export function issueMissing(issue: string, { own }: Pick<Actor, 'own'>): Problem {
  const remedy = own ? '' : " If it is there, give the connector's user Browse Projects and access to its security level."
  return {
    code: 'smart-commit-issue-missing',
    message: `Issue ${issue} has not been found in Jira.`,
    remedy: `Check the key; the issue may have been deleted.${remedy}`,
  }
}

/** The person may not do it. */
export function permissionMissing(issue: string, permission: IssuePermission, { person }: Actor): Problem {
  const { name, doing } = PERMISSIONS[permission] ?? { name: permission, doing: 'change' }
  return {
    code: 'smart-commit-permission-missing',
    message: `${shown(person)} may not ${doing} issue ${issue} in Jira.`,
    remedy: `It takes the permission "${name}" in the issue's project, which a Jira administrator gives.`,
  }
}

/** The person may do it, the connector may not do it for them. */
export function connectorPermissionMissing(issue: string, permission: IssuePermission): Problem {
  const { name, doing } = PERMISSIONS[permission] ?? { name: permission, doing: 'change' }
  return {
    code: 'smart-commit-connector-permission',
    message: `The connector's user may not ${doing} issue ${issue} in Jira.`,
    remedy: `Give the connector's user "${name}" in the permission scheme of the issue's project.`,
  }
}

/** Without an answer nothing is done: a commit must not do what its author may not. */
export function permissionUnknown(issue: string, { person }: Actor): Problem {
  return {
    code: 'smart-commit-permission-unknown',
    message: `Jira does not tell the connector what ${shown(person)} may do to issue ${issue}, so nothing was done.`,
    remedy: "Give the connector's user Administer Projects in the issue's project (or Jira administrator rights).",
  }
}

export function timeTrackingOff(): Problem {
  return {
    code: 'smart-commit-time-tracking-off',
    message: 'Time tracking is switched off in this Jira, so no work can be logged.',
    remedy: 'A Jira administrator switches it on under System > Issue features > Time tracking.',
  }
}

/** What the command was looked up among. */
interface Lookup {
  readonly issue: string
  readonly command: string
  /** Name of the issue's status. */
  readonly status: string
  readonly valid: readonly Named[]
}

/** A transition, as far as a message tells of it. */
interface Named {
  readonly name: string
}

export function noTransitions({ issue, status }: Pick<Lookup, 'issue' | 'status'>, { person, own }: Actor): Problem {
  const whom = own ? shown(person) : "the connector's user"
  return {
    code: 'smart-commit-no-transitions',
    message: `No transition of issue ${issue}, which is in status ${shown(status)}, is valid for ${whom} now.`,
    remedy: `The workflow of its project allows none from there, or its conditions exclude ${whom}.`,
  }
}

export function transitionUnknown({ issue, command, status, valid }: Lookup): Problem {
  return {
    code: 'smart-commit-transition-unknown',
    message: `No transition of issue ${issue}, which is in status ${shown(status)}, has a name that begins with "${spaced(command)}".`,
    remedy: `Valid there: ${list(valid, valid)}.`,
  }
}

/** @param lookup `among`: those of the valid ones that the command fits */
export function transitionAmbiguous({
  issue,
  command,
  valid,
  among,
}: Omit<Lookup, 'status'> & { readonly among: readonly Named[] }): Problem {
  const told = among.some((one) => transitionCommand(one, valid) !== null)
  return {
    code: 'smart-commit-transition-ambiguous',
    message: `"${shown(command)}" fits more than one transition of issue ${issue}.`,
    remedy: told
      ? `Write one of these: ${list(among, valid)}.`
      : `No command tells these apart: ${list(among, valid)}. Do it in Jira, or let a Jira administrator rename one.`,
  }
}

export function fieldsRequired(
  issue: string,
  transition: { readonly name: string; readonly requiredFields: readonly string[] },
): Problem {
  const fields = transition.requiredFields.slice(0, MOST_NAMES).map(shown).join(', ')
  return {
    code: 'smart-commit-fields-required',
    message: `Transition "${shown(transition.name)}" of issue ${issue} asks for ${fields}, which a commit cannot give.`,
    remedy: 'Do it in Jira, or let a Jira administrator make the fields optional on the screen of the transition.',
  }
}

/** `Start Progress (#start-progress)`: names of Jira, and how to write those that a command can mean. */
function list(transitions: readonly Named[], valid: readonly Named[]): string {
  const texts = transitions.slice(0, MOST_NAMES).map((transition) => {
    const command = transitionCommand(transition, valid)
    return command === null ? shown(transition.name) : `${shown(transition.name)} (#${command})`
  })
  const more = transitions.length - texts.length
  return texts.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function spaced(command: string): string {
  return shown(command.replaceAll('-', ' '))
}

function shown(text: string): string {
  return toShownText(text, { max: LONGEST_NAME })
}
