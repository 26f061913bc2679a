import type { TriggerJson, TriggerRunJson, TriggerSettingsJson } from '../../../src/contract/trigger.ts'
import type { Tone } from '../../ui/state-lozenge.tsx'

export type TriggerEvent = TriggerSettingsJson['event']
export type Condition = keyof TriggerJson['conditions']

/** As lists and the log name it. */
export const EVENT_LABELS: Readonly<Record<TriggerEvent, string>> = {
  'branch-created': 'Branch created',
  'commit-created': 'Commit created',
  'pull-request-opened': 'Pull request opened',
  'pull-request-merged': 'Pull request merged',
  'pull-request-declined': 'Pull request declined',
  'pull-request-reopened': 'Pull request reopened',
  'build-failed': 'Build failed',
  'deployment-succeeded': 'Deployment succeeded',
}

export const EVENTS = Object.keys(EVENT_LABELS) as readonly TriggerEvent[]

const isOfPullRequest = (event: TriggerEvent) => event.startsWith('pull-request-')

/** Which conditions can hold at all: a commit has no branch, only deployments have an environment. */
export function isUsed(condition: Condition, event: TriggerEvent): boolean {
  switch (condition) {
    case 'branches':
      return isOfPullRequest(event) || event === 'branch-created' || event === 'build-failed'
    case 'targetBranches':
      return isOfPullRequest(event)
    case 'environments':
      return event === 'deployment-succeeded'
    default:
      return true
  }
}

/** What a comment may name, and which events have it. */
export const PLACEHOLDERS: readonly {
  readonly name: string
  readonly means: string
  readonly isKnown: (event: TriggerEvent) => boolean
}[] = [
  { name: 'issue', means: 'key of the issue', isKnown: () => true },
  {
    name: 'title',
    means: 'title of the pull request, first line of the commit, name of the branch, number of the run',
    isKnown: () => true,
  },
  {
    name: 'url',
    means: 'its address at the Git host',
    isKnown: () => true,
  },
  { name: 'author', means: 'who made it', isKnown: (event) => isOfPullRequest(event) || event === 'commit-created' },
  { name: 'branch', means: 'the branch, of a pull request the source', isKnown: (event) => isUsed('branches', event) },
  { name: 'targetBranch', means: 'where the pull request goes', isKnown: isOfPullRequest },
  { name: 'environment', means: 'where it was deployed', isKnown: (event) => event === 'deployment-succeeded' },
  { name: 'repository', means: 'path of the repository', isKnown: () => true },
]

/** What stands between `${` and `}` and means nothing. */
export function findUnknownPlaceholders(template: string): string[] {
  const names = [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name)
  return [...new Set(names.filter((name) => PLACEHOLDERS.every((known) => known.name !== name)))]
}

/** The rule as people would say it: `When a pull request is merged into main in acme/*, move to “Done”.` */
export function describeRule(
  { event, conditions, transition, comment }: TriggerSettingsJson,
  nameOfAccount: (id: string) => string = (id) => id,
): string {
  const given: TriggerSettingsJson['conditions'] = {
    ...conditions,
    branches: isUsed('branches', event) ? conditions.branches : [],
    targetBranches: isUsed('targetBranches', event) ? conditions.targetBranches : [],
    environments: isUsed('environments', event) ? conditions.environments : [],
  }
  const place = [...says('in', given.repositories), ...says('of account', given.accounts.map(nameOfAccount))]
  const issue = [
    ...says('of project', given.projects),
    ...says('of type', given.issueTypes.map(quoted)),
    ...says('in status', given.statuses.map(quoted)),
    ...(given.jql === null ? [] : ['found by its JQL']),
  ]
  const actions = [
    ...(transition === null ? [] : [`move ${issue.length === 0 ? 'the issue' : 'it'} to ${quoted(transition)}`]),
    ...(comment === null
      ? []
      : [transition === null ? `comment on ${issue.length === 0 ? 'the issue' : 'it'}` : 'add a comment']),
  ]
  const when = [`When ${phraseOf(event, given)}`, ...place].join(' ')
  const which = issue.length === 0 ? '' : ` and the issue is ${issue.join(' and ')}`
  return `${when}${which}, ${actions.length === 0 ? 'do nothing' : actions.join(' and ')}.`
}

function phraseOf(event: TriggerEvent, { branches, targetBranches, environments }: TriggerSettingsJson['conditions']): string {
  const from = says('from', branches)
  const into = says('into', targetBranches)
  switch (event) {
    case 'branch-created':
      return ['a branch', ...says('like', branches), 'is created'].join(' ')
    case 'commit-created':
      return 'a commit is created'
    case 'pull-request-opened':
    case 'pull-request-merged':
    case 'pull-request-declined':
    case 'pull-request-reopened':
      return ['a pull request is', event.slice('pull-request-'.length), ...from, ...into].join(' ')
    case 'build-failed':
      return ['a build fails', ...says('on', branches)].join(' ')
    case 'deployment-succeeded':
      return ['a deployment', ...says('to', environments), 'succeeds'].join(' ')
  }
}

function says(word: string, values: readonly string[]): string[] {
  if (values.length === 0) return []
  if (values.length === 1) return [`${word} ${values[0]}`]
  return [`${word} ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`]
}

const quoted = (name: string) => `“${name}”`

export type RunState = TriggerRunJson['state']

export const RUN_STATES: Readonly<Record<RunState, { readonly label: string; readonly tone: Tone }>> = {
  acting: { label: 'Under way', tone: 'information' },
  done: { label: 'Done', tone: 'success' },
  skipped: { label: 'Skipped', tone: 'neutral' },
  failed: { label: 'Failed', tone: 'danger' },
}

/** What it happened to: `#12 Add vouchers`, `a1b2c3d Fix it`, `feature/SHOP-1`. */
export function nameHappened({ event, subject, title }: TriggerRunJson['happened']): string {
  if (isOfPullRequest(event)) return `#${subject} ${title}`
  if (event === 'commit-created') return `${subject.slice(0, 7)} ${title}`
  return title === '' ? subject : title
}
