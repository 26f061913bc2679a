import { generateIssues, themeOf, type GeneratedIssue } from './issues.ts'
import { AUTHORS, type HistoryAuthor } from './phrases.ts'
import { createRandom } from './random.ts'
import { playRepository, type RepositoryHistory } from './repository-history.ts'

export interface HistoryOptions {
  readonly seed: number
  /** Over all three repositories, merges included. */
  readonly commits: number
  /** Jira project keys: the first is worked on most in the first repository, and so on. */
  readonly projects: readonly string[]
  /** Default: eight people at example.com. */
  readonly authors?: readonly HistoryAuthor[]
  readonly issuesPerProject: number
  /** The last commit is just before it, the first two years earlier. */
  readonly until: Date
  /** Path of the group the repositories are in; default `acme`. */
  readonly group?: string
}

export interface HistorySummary {
  readonly repositories: number
  readonly commits: number
  readonly merges: number
  /** Ordinary commits only: merge commits name the keys of their branch and title. */
  readonly commitsWithKey: number
  readonly commitsWithFalseKey: number
  /** Issues that at least one ordinary commit names. */
  readonly issuesInCommits: number
  readonly liveBranches: number
  readonly mergeRequests: { readonly opened: number; readonly merged: number; readonly closed: number }
}

export interface History {
  readonly repositories: readonly RepositoryHistory[]
  /** Every issue of every project, named or not. */
  readonly issues: readonly GeneratedIssue[]
  readonly authors: readonly HistoryAuthor[]
  readonly summary: HistorySummary
}

/** Part of the commits and live branches of each repository: shop, payments, infrastructure. */
const SHARES = [0.5, 0.3, 0.2] as const
const LIVE_BRANCHES = [9, 7, 5] as const

/** Two years of three repositories that read like a real product; the same options give the same history. */
export function generateHistory(options: HistoryOptions): History {
  const authors = options.authors ?? AUTHORS
  const issues = generateIssues(options.seed, options.projects, options.issuesPerProject)
  const all = [...issues.values()].flat()
  const repositories = SHARES.map((share, index) => {
    const theme = themeOf(index)
    const project = options.projects[index % options.projects.length] ?? ''
    return playRepository({
      random: createRandom(options.seed * 101 + index),
      theme,
      fullPath: `${options.group ?? 'acme'}/${theme.path}`,
      commits: Math.max(1, Math.round(options.commits * share)),
      liveBranches: LIVE_BRANCHES[index] ?? 5,
      authors,
      issues: issues.get(project) ?? [],
      otherIssues: all,
      until: options.until,
    })
  })
  return { repositories, issues: all, authors, summary: summarise(repositories) }
}

function summarise(repositories: readonly RepositoryHistory[]): HistorySummary {
  const sum = (number: (repository: RepositoryHistory) => number) =>
    repositories.reduce((total, repository) => total + number(repository), 0)
  const inState = (wanted: string) => sum(({ mergeRequests }) => mergeRequests.filter(({ state }) => state === wanted).length)
  return {
    repositories: repositories.length,
    commits: sum(({ entries }) => entries.filter(({ kind }) => kind === 'commit').length),
    merges: sum(({ merges }) => merges),
    commitsWithKey: sum(({ commitsWithKey }) => commitsWithKey),
    commitsWithFalseKey: sum(({ commitsWithFalseKey }) => commitsWithFalseKey),
    issuesInCommits: new Set(repositories.flatMap(({ keys }) => [...keys.keys()])).size,
    liveBranches: sum(({ liveBranches }) => liveBranches.length),
    mergeRequests: { opened: inState('opened'), merged: inState('merged'), closed: inState('closed') },
  }
}
