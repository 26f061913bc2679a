import type { IssueKey } from './ids.ts'
import { findIssueKeyCandidates, RULES_VERSION } from './issue-keys.ts'

/** Where keys count: the option `issueKeys`. */
export interface IssueKeySettings {
  /** Where lower case counts too. */
  readonly anyCaseIn: readonly ('branch' | 'commit' | 'title')[]
  /** Pull requests are also linked by keys in their commits. */
  readonly pullRequestCommits: boolean
}

/** Above every version of the rule itself. */
const SETTINGS_STEP = 1_000
const PLACES = ['branch', 'commit', 'title'] as const
/** Branches in any case, commits of pull requests too: the defaults, under which the version is that of the rule. */
const DEFAULT_BITS = 0b1001

/** Tells what was extracted under which rule and settings: another number means that texts are read again. */
export function toRulesVersion({ anyCaseIn, pullRequestCommits }: IssueKeySettings): number {
  const bits = PLACES.reduce(
    (sum, place, index) => sum + (anyCaseIn.includes(place) ? 2 ** index : 0),
    pullRequestCommits ? 8 : 0,
  )
  return RULES_VERSION + SETTINGS_STEP * (bits ^ DEFAULT_BITS)
}

export function findBranchKeys(name: string, settings: IssueKeySettings): IssueKey[] {
  return findIssueKeyCandidates(name, { anyCase: settings.anyCaseIn.includes('branch') })
}

export function findCommitKeys(message: string, settings: IssueKeySettings): IssueKey[] {
  return findIssueKeyCandidates(message, { anyCase: settings.anyCaseIn.includes('commit') })
}

/** Keys in title, description and source branch, in this order, without duplicates. */
export function findPullRequestKeys(
  pullRequest: { readonly title: string; readonly description: string; readonly sourceBranch: string },
  settings: IssueKeySettings,
): IssueKey[] {
  const anyCase = settings.anyCaseIn.includes('title')
  return [
    ...new Set([
      ...findIssueKeyCandidates(pullRequest.title, { anyCase }),
      ...findIssueKeyCandidates(pullRequest.description),
      ...findBranchKeys(pullRequest.sourceBranch, settings),
    ]),
  ]
}
