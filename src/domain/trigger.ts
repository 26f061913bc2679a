import { matchesGlob } from './glob.ts'
import type { AccountId, IssueKey } from './ids.ts'

/** What rules can wait for: Jira's own triggers, and builds and deployments, which Jira has none for. */
export const TRIGGER_EVENTS = [
  'branch-created',
  'commit-created',
  'pull-request-opened',
  'pull-request-merged',
  'pull-request-declined',
  'pull-request-reopened',
  'build-failed',
  'deployment-succeeded',
] as const

export type TriggerEvent = (typeof TRIGGER_EVENTS)[number]

/** As in Jira's triggers: what is older when it is met, or when its turn comes, moves nothing. */
export const TRIGGER_WINDOW_MS = 14 * 24 * 60 * 60_000

/** What happened at the Git host, as it was when it was met. */
export interface DevelopmentEvent {
  readonly event: TriggerEvent
  /** What it happened to, within its repository: hash, branch name, number of the pull request, the host's id of the run. */
  readonly subject: string
  /** By the host's time; of a branch, which has none, when it was first met. */
  readonly at: Date
  readonly keys: readonly IssueKey[]
  readonly facts: EventFacts
}

/** Strangers' texts: to be compared and shown, never to be run. null: it has none. */
export interface EventFacts {
  readonly title: string
  readonly url: string | null
  readonly author: string | null
  readonly branch: string | null
  readonly targetBranch: string | null
  readonly environment: string | null
}

/** An empty list, or null, stands for any. Globs and names are compared whatever their case. */
export interface TriggerConditions {
  readonly accounts: readonly AccountId[]
  /** Globs on the path of the repository. */
  readonly repositories: readonly string[]
  /** Keys of Jira projects, of today or former ones. */
  readonly projects: readonly string[]
  /** Globs on the branch: the new one, the source of a pull request, the one that was built. */
  readonly branches: readonly string[]
  /** Globs on the target branch of a pull request. */
  readonly targetBranches: readonly string[]
  /** Globs on the name of the environment. */
  readonly environments: readonly string[]
  readonly issueTypes: readonly string[]
  /** Of the issue before the rule acts. */
  readonly statuses: readonly string[]
  /** The issue must also be found by this query. */
  readonly jql: string | null
}

export interface TriggerAction {
  /** Name of a transition, else of the status that it leads to; null: the issue is not moved. */
  readonly transition: string | null
  /** Template of a comment; null: none. */
  readonly comment: string | null
}

export interface TriggerRule extends TriggerAction {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly event: TriggerEvent
  readonly conditions: TriggerConditions
}

/** Where an event happened. */
export interface EventPlace {
  readonly accountId: AccountId
  /** Path at the host. */
  readonly repository: string
}

/** Whether a rule is for an event, whatever issue it names. */
export function isForEvent(
  { event, conditions }: Pick<TriggerRule, 'event' | 'conditions'>,
  { happened, place }: { readonly happened: DevelopmentEvent; readonly place: EventPlace },
): boolean {
  const { facts } = happened
  return (
    event === happened.event &&
    isAny(conditions.accounts, (account) => account === place.accountId) &&
    isAny(conditions.repositories, (glob) => matchesGlob(glob, place.repository)) &&
    isAny(conditions.branches, (glob) => facts.branch !== null && matchesGlob(glob, facts.branch)) &&
    isAny(conditions.targetBranches, (glob) => facts.targetBranch !== null && matchesGlob(glob, facts.targetBranch)) &&
    isAny(conditions.environments, (glob) => facts.environment !== null && matchesGlob(glob, facts.environment))
  )
}

/** What Jira tells of an issue that conditions ask for. */
export interface IssueFacts {
  /** Its key today. */
  readonly key: string
  readonly type: string
  readonly status: string
  /** Of the project that it is in today; former ones too. */
  readonly projectKeys: readonly string[]
}

/** Whether an issue is as the conditions want it, the query excepted. */
export function isForIssue({ projects, issueTypes, statuses }: TriggerConditions, issue: IssueFacts): boolean {
  return (
    isAny(projects, (project) => issue.projectKeys.includes(project)) &&
    isAny(issueTypes, (type) => sameName(type, issue.type)) &&
    isAny(statuses, (status) => sameName(status, issue.status))
  )
}

export interface OfferedTransition {
  readonly id: string
  readonly name: string
  /** Name of the status that it leads to. */
  readonly status: string
}

/**
 * The transition that a rule means, among those that Jira offers: by its name, else by the name of the status that it leads
 * to. Several: it is not clear which. None: it cannot be made from the status of today.
 */
export function findTransitions<T extends OfferedTransition>(wanted: string, offered: readonly T[]): readonly T[] {
  const named = offered.filter(({ name }) => sameName(name, wanted))
  return named.length > 0 ? named : offered.filter(({ status }) => sameName(status, wanted))
}

/** Whether a query can stand in brackets: none of its own is closed that it did not open, quoted ones aside. */
export function isBracketed(jql: string): boolean {
  let open = 0
  for (const [part] of jql.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()"']/gs)) {
    if (part === '"' || part === "'") return false
    if (part === '(') open += 1
    if (part === ')') open -= 1
    if (open < 0) return false
  }
  return open === 0
}

/** Names of statuses, types and transitions: as Jira compares them. */
export function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}

function isAny<T>(wanted: readonly T[], matches: (one: T) => boolean): boolean {
  return wanted.length === 0 || wanted.some(matches)
}
