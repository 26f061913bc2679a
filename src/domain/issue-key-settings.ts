import type { IssueKey } from './ids.ts'
import { findIssueKeyCandidates } from './issue-keys.ts'

/** Where keys count: the option `issueKeys`. */
export interface IssueKeySettings {
  /** Where lower case counts too. */
  readonly anyCaseIn: readonly ('branch' | 'commit' | 'title')[]
  /** Pull requests are also linked by keys in their commits. */
  readonly pullRequestCommits: boolean
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
