/** A value of the issue property that JQL can ask for, under a short name. */
export interface JqlAlias {
  /** Global in Jira, where a clash with a field or another app is not reported: each begins with `dvcs`. */
  readonly name: string
  /** Where it is in the property; a list gives each of its elements. */
  readonly path: string
  readonly type: 'number' | 'string' | 'date'
  /** In the words of the documentation. */
  readonly meaning: string
}

/**
 * What Jira's index keeps of the property `dvcs-development`. Short on purpose: every value is indexed with every write of every
 * issue. A path or type that was published stays as it is, because Jira indexes anew only what is written again.
 */
export const JQL_ALIASES: readonly JqlAlias[] = [
  { name: 'dvcsCommits', path: 'summary.commits', type: 'number', meaning: 'commits' },
  { name: 'dvcsBranches', path: 'summary.branches', type: 'number', meaning: 'branches' },
  { name: 'dvcsOpenPullRequests', path: 'summary.pullRequests.open', type: 'number', meaning: 'open pull requests' },
  { name: 'dvcsMergedPullRequests', path: 'summary.pullRequests.merged', type: 'number', meaning: 'merged pull requests' },
  { name: 'dvcsDeclinedPullRequests', path: 'summary.pullRequests.declined', type: 'number', meaning: 'declined pull requests' },
  { name: 'dvcsFailedBuilds', path: 'summary.builds.failed', type: 'number', meaning: 'failed builds' },
  { name: 'dvcsLastActivity', path: 'summary.lastActivity', type: 'date', meaning: 'time of the last development activity' },
  {
    name: 'dvcsEnvironments',
    path: 'summary.deployments.environments',
    type: 'string',
    meaning: 'environments that it was deployed to',
  },
]
