import type {
  DevelopmentBuild,
  DevelopmentCommit,
  DevelopmentDeployment,
  DevelopmentInformation,
  DevelopmentPerson,
  DevelopmentPullRequest,
  DevelopmentRepository,
} from '../domain/development-information.ts'
import { toPropertyText, toPropertyUrl } from './property-text.ts'

export type EntryKind = 'branches' | 'commits' | 'pullRequests' | 'builds' | 'deployments'

/** One entry as it goes into the property, with the index of its repository. */
export interface EntryOfRepository {
  readonly repository: number
  readonly value: Record<string, unknown>
  /** Orders entries of one kind over all repositories; RFC 3339, or empty for those without a date. */
  readonly at: string
}

/** What Jira's own panel carries; `fileCount` is exact all the same. */
const MOST_FILES = 5
const MOST_REVIEWERS = 20
const LONGEST_MESSAGE = 1_000
const LONGEST_LINE = 250
/** Things under way have no end yet and are the newest. */
const UNDER_WAY = '9999'

/**
 * All entries by kind, newest first over all repositories; `cut` when a text in one of them was shortened. Branches
 * have no date: they keep their order, the first of every repository before the second ones.
 */
export function collectEntries(info: DevelopmentInformation, level: 'full' | 'titles') {
  const text = createTextCutter()
  const all: Record<EntryKind, EntryOfRepository[]> = {
    branches: inTurn(info.repositories.map((repository, index) => branchesOf(repository, index, text))),
    commits: newestFirst(info.repositories, ({ commits }) => commits.map((commit) => toCommit(commit, level, text))),
    pullRequests: newestFirst(info.repositories, ({ pullRequests }) =>
      pullRequests.map((request) => toPullRequest(request, level, text)),
    ),
    builds: newestFirst(info.repositories, ({ builds }) => builds.map((build) => toBuild(build, text))),
    deployments: newestFirst(info.repositories, ({ deployments }) =>
      deployments.map((deployment) => toDeployment(deployment, text)),
    ),
  }
  return { all, cut: text.cut() }
}

type Entry = Omit<EntryOfRepository, 'repository'>
type TextCutter = ReturnType<typeof createTextCutter>

function createTextCutter() {
  let cut = false
  const within = (value: string, longest: number): string => {
    const clean = toPropertyText(value)
    if (clean.length <= longest) return clean
    cut = true
    return `${clean.slice(0, longest - 1)}…`
  }
  return {
    line: (value: string) => within(value, LONGEST_LINE),
    message: (value: string) => withoutAddresses(within(value, LONGEST_MESSAGE)),
    cut: () => cut,
  }
}

function branchesOf({ branches }: DevelopmentRepository, repository: number, text: TextCutter): EntryOfRepository[] {
  return branches.map(({ name, url, head, createPullRequestUrl }) => {
    const create = createPullRequestUrl === null ? null : toPropertyUrl(createPullRequestUrl)
    return { repository, at: '', value: { name: text.line(name), url: toPropertyUrl(url), head, createPullRequestUrl: create } }
  })
}

function toCommit(commit: DevelopmentCommit, level: 'full' | 'titles', text: TextCutter): Entry {
  const { id, displayId, message, author, authoredAt, merge, url, fileCount, files } = commit
  const start = { id, displayId }
  const end = { authoredAt, merge, url: toPropertyUrl(url), fileCount }
  if (level === 'titles')
    return { at: authoredAt, value: { ...start, message: withoutAddresses(text.line(firstLine(message))), ...end } }
  const shown = files?.slice(0, MOST_FILES).map((file) => ({ ...file, path: text.line(file.path) })) ?? null
  return {
    at: authoredAt,
    value: { ...start, message: text.message(message.trimEnd()), author: toPerson(author, text), ...end, files: shown },
  }
}

function toPullRequest(request: DevelopmentPullRequest, level: 'full' | 'titles', text: TextCutter): Entry {
  const { id, title, status, draft, sourceBranch, targetBranch, url, commentCount, updatedAt } = request
  const branches = { sourceBranch: text.line(sourceBranch), targetBranch: text.line(targetBranch) }
  const value = {
    id,
    title: withoutAddresses(text.line(title)),
    status,
    draft,
    ...branches,
    url: toPropertyUrl(url),
    commentCount,
    updatedAt,
  }
  if (level === 'titles') return { at: updatedAt, value }
  const reviewers = request.reviewers
    .slice(0, MOST_REVIEWERS)
    .map(({ name, state }) => ({ name: withoutAddress(text.line(name)), state }))
  return { at: updatedAt, value: { ...value, author: toPerson(request.author, text), reviewers } }
}

/** `jobs` only where they were counted: it is no part of every build. */
function toBuild({ id, number, state, ref, url, finishedAt, jobs }: DevelopmentBuild, text: TextCutter): Entry {
  const value = {
    id,
    number,
    state,
    ref: text.line(ref),
    url: toPropertyUrl(url),
    finishedAt,
    ...(jobs === null ? {} : { jobs }),
  }
  return { at: finishedAt ?? UNDER_WAY, value }
}

function toDeployment(deployment: DevelopmentDeployment, text: TextCutter): Entry {
  const { id, environment, environmentType, state, url, finishedAt } = deployment
  const value = { id, environment: text.line(environment), environmentType, state, url: toPropertyUrl(url), finishedAt }
  return { at: finishedAt ?? UNDER_WAY, value }
}

function toPerson({ name }: DevelopmentPerson, text: TextCutter): { name: string } {
  return { name: withoutAddress(text.line(name)) }
}

/** Git takes any text as a name, and people whose mail program filled it in have their address there. */
function withoutAddress(name: string): string {
  return name.replace(/([^\s@<>]+)@[^\s@<>]+/g, '$1')
}

/** Trailers such as Signed-off-by carry addresses. Only for short texts: the expression is quadratic in a run without blanks. */
function withoutAddresses(text: string): string {
  return text.replace(/[^\s@<>()"',;:]+@[^\s@<>()"',;:]+\.\p{L}{2,}/gu, '…')
}

function firstLine(message: string): string {
  return message.trimStart().split('\n', 1)[0]?.trimEnd() ?? ''
}

function newestFirst(
  repositories: readonly DevelopmentRepository[],
  entriesOf: (one: DevelopmentRepository) => Entry[],
): EntryOfRepository[] {
  const all = repositories.flatMap((repository, index) => entriesOf(repository).map((entry) => ({ ...entry, repository: index })))
  return all.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
}

function inTurn(lists: readonly EntryOfRepository[][]): EntryOfRepository[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat()
}
