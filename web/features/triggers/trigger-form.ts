import type { TriggerJson, TriggerSettingsJson } from '../../../src/contract/trigger.ts'
import { ApiError } from '../../ui/api.ts'
import { findUnknownPlaceholders, isUsed, type TriggerEvent } from './trigger-words.ts'

/** A rule as it stands in fields: a list has an entry a line. */
export interface TriggerForm {
  readonly name: string
  readonly enabled: boolean
  readonly event: TriggerEvent
  readonly accounts: readonly string[]
  readonly repositories: string
  /** Keys, separated by anything. */
  readonly projects: string
  readonly branches: string
  readonly targetBranches: string
  readonly environments: string
  readonly issueTypes: string
  readonly statuses: string
  readonly jql: string
  readonly transition: string
  readonly comment: string
}

export type FormErrors = Partial<Record<keyof TriggerForm, string>>

export const NEW_TRIGGER: TriggerForm = {
  name: '',
  enabled: true,
  event: 'pull-request-merged',
  accounts: [],
  repositories: '',
  projects: '',
  branches: '',
  targetBranches: '',
  environments: '',
  issueTypes: '',
  statuses: '',
  jql: '',
  transition: '',
  comment: '',
}

export interface Template {
  readonly id: string
  readonly form: TriggerForm
}

/** The four that Jira's own documentation shows. */
export const TEMPLATES: readonly Template[] = [
  toTemplate('start-progress', 'Start progress', 'branch-created'),
  toTemplate('start-review', 'Start review', 'pull-request-opened'),
  toTemplate('restart-progress', 'Restart progress', 'pull-request-declined'),
  toTemplate('done', 'Done', 'pull-request-merged'),
]

function toTemplate(id: string, transition: string, event: TriggerEvent): Template {
  return { id, form: { ...NEW_TRIGGER, name: transition, transition, event } }
}

export function toForm({ name, enabled, event, conditions, transition, comment }: TriggerJson): TriggerForm {
  return {
    name,
    enabled,
    event,
    accounts: conditions.accounts,
    repositories: conditions.repositories.join('\n'),
    projects: conditions.projects.join(', '),
    branches: conditions.branches.join('\n'),
    targetBranches: conditions.targetBranches.join('\n'),
    environments: conditions.environments.join('\n'),
    issueTypes: conditions.issueTypes.join('\n'),
    statuses: conditions.statuses.join('\n'),
    jql: conditions.jql ?? '',
    transition: transition ?? '',
    comment: comment ?? '',
  }
}

/** What is sent; conditions that the event cannot meet, and that are not shown, are left out. */
export function toSettings(form: TriggerForm): TriggerSettingsJson {
  const { event } = form
  return {
    name: form.name.trim(),
    enabled: form.enabled,
    event,
    conditions: {
      accounts: [...form.accounts],
      repositories: toLines(form.repositories),
      projects: toProjectKeys(form.projects),
      branches: isUsed('branches', event) ? toLines(form.branches) : [],
      targetBranches: isUsed('targetBranches', event) ? toLines(form.targetBranches) : [],
      environments: isUsed('environments', event) ? toLines(form.environments) : [],
      issueTypes: toLines(form.issueTypes),
      statuses: toLines(form.statuses),
      jql: emptyToNull(form.jql.trim()),
    },
    transition: emptyToNull(form.transition.trim()),
    comment: emptyToNull(form.comment.trim()),
  }
}

/** The stored rule as it is sent back. */
export function settingsOf({ name, enabled, event, conditions, transition, comment }: TriggerJson): TriggerSettingsJson {
  return { name, enabled, event, conditions, transition, comment }
}

/** For a dry run, which needs no name. */
export function toTrial(form: TriggerForm): TriggerSettingsJson {
  const settings = toSettings(form)
  return { ...settings, name: settings.name === '' ? 'not named yet' : settings.name }
}

/** What can be told without asking the connector; a dry run does without a name. */
export function findErrors(form: TriggerForm, { isTrial = false } = {}): FormErrors {
  const unknown = findUnknownPlaceholders(form.comment)
  const wrongKey = toProjectKeys(form.projects).find((key) => !/^[A-Z][A-Z0-9_]*$/.test(key))
  const idle = form.transition.trim() === '' && form.comment.trim() === ''
  return {
    ...(isTrial || form.name.trim() !== '' ? {} : { name: 'This field is required.' }),
    ...(idle ? { transition: 'Name a transition or status, or write a comment below: a rule must do something.' } : {}),
    ...(unknown.length === 0 ? {} : { comment: `${unknown.map((name) => `\${${name}}`).join(', ')} means nothing here.` }),
    ...(wrongKey === undefined ? {} : { projects: `“${wrongKey}” is not a project key such as SHOP.` }),
  }
}

/** What the connector said about single fields; `conditions.branches.0` belongs to one field here. */
export function findRefused(error: unknown): FormErrors {
  if (!(error instanceof ApiError)) return {}
  const errors: Record<string, string> = {}
  for (const { field, message } of error.problem?.errors ?? []) {
    const [first = '', second = ''] = field.split('.')
    const name = first === 'conditions' ? second : first
    if (name in NEW_TRIGGER) errors[name] ??= message
  }
  return errors
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return [...new Set(lines)].filter((line) => line !== '')
}

function toProjectKeys(text: string): string[] {
  return [...new Set(text.toUpperCase().split(/[\s,;]+/))].filter((key) => key !== '')
}

const emptyToNull = (text: string) => (text === '' ? null : text)
