import type { ImportedEntry, ImportedFile } from '../fast-import.ts'
import { workingTimes } from './calendar.ts'
import { branchName, type GeneratedIssue } from './issues.ts'
import { commitMessage, mergeMessage } from './messages.ts'
import { NOTES, type HistoryAuthor, type Theme } from './phrases.ts'
import type { Random } from './random.ts'

export interface GeneratedMergeRequest {
  readonly iid: number
  readonly title: string
  readonly description: string
  readonly sourceBranch: string
  readonly author: HistoryAuthor
  readonly createdAt: Date
  readonly reviewers: readonly { readonly author: HistoryAuthor; readonly approved: boolean }[]
  readonly notes: readonly { readonly author: HistoryAuthor; readonly text: string; readonly at: Date }[]
  /** Marks of commits, see `entries`. */
  readonly baseMark: number
  headMark: number
  mergeMark: number | null
  state: 'opened' | 'merged' | 'closed'
  /** Last thing that happened to it. */
  updatedAt: Date
}

export interface RepositoryHistory {
  /** Below the group. */
  readonly path: string
  readonly name: string
  readonly description: string
  /** For `fastImport`; merge request heads are refs of it. */
  readonly entries: readonly ImportedEntry[]
  readonly liveBranches: readonly string[]
  readonly mergeRequests: readonly GeneratedMergeRequest[]
  readonly startedAt: Date
  readonly endedAt: Date
  /** Issue keys that ordinary commits name, with how many do; merge commits name those of their branch besides. */
  readonly keys: ReadonlyMap<string, number>
  /** Without merge commits. */
  readonly commitsWithKey: number
  readonly commitsWithFalseKey: number
  readonly merges: number
}

export interface RepositoryPlan {
  readonly random: Random
  readonly theme: Theme
  /** Full path of the project, for merge messages. */
  readonly fullPath: string
  readonly commits: number
  readonly liveBranches: number
  readonly authors: readonly HistoryAuthor[]
  /** Issues worked on most, and those mentioned besides. */
  readonly issues: readonly GeneratedIssue[]
  readonly otherIssues: readonly GeneratedIssue[]
  readonly until: Date
}

interface OpenBranch {
  readonly name: string
  readonly issue: GeneratedIssue
  readonly author: HistoryAuthor
  readonly baseMark: number
  readonly wanted: number
  readonly files: Map<string, string>
  tip: number
  commits: number
  request: GeneratedMergeRequest | null
}

/** Plays two years of work on one repository: branches are opened, worked on, merged or given up; some stay open. */
export function playRepository(plan: RepositoryPlan): RepositoryHistory {
  const { random } = plan
  const entries: ImportedEntry[] = []
  const requests: GeneratedMergeRequest[] = []
  const keys = new Map<string, number>()
  const usedNames = new Set<string>()
  const open: OpenBranch[] = []
  const count = { withKey: 0, falseKey: 0, merges: 0 }
  const times = workingTimes(random, plan.commits, plan.until)
  let trunk = 0
  let mark = 0

  const commit = (ref: string, parents: number[], author: HistoryAuthor, at: Date, message: string, files: readonly ImportedFile[]) => {
    mark++
    entries.push({ kind: 'commit', ref, mark, parents, author, authoredAt: at, message, files })
    return mark
  }
  const write = (ref: string, parent: number, author: HistoryAuthor, at: Date, issue: GeneratedIssue, files: readonly ImportedFile[]) => {
    const message = commitMessage(random, plan.theme, issue, random.pick(random.chance(0.5) ? plan.otherIssues : plan.issues))
    for (const key of message.keys) keys.set(key, (keys.get(key) ?? 0) + 1)
    if (message.keys.length > 0) count.withKey++
    if (message.falseKey) count.falseKey++
    return commit(ref, parent === 0 ? [] : [parent], author, at, message.text, files)
  }

  for (const [index, at] of times.entries()) {
    const ending = index >= times.length - plan.liveBranches * 3
    const ripe = open.findIndex((branch) => branch.commits >= branch.wanted && branch.request !== null)
    const author = random.pick(plan.authors)
    if (index === 0) trunk = commit('refs/heads/main', [], author, at, 'Start the project\n', [{ path: 'README.md', content: `# ${plan.theme.name}\n` }])
    else if (ripe >= 0 && random.chance(0.6) && (!ending || open.length > plan.liveBranches)) {
      const [branch] = open.splice(ripe, 1)
      if (branch !== undefined) trunk = finish(plan, branch, { trunk, at, entries, commit, count })
    } else if (open.length < (ending ? plan.liveBranches : 6) && random.chance(ending ? 0.9 : 0.35)) {
      const branch = startBranch(plan, usedNames, random, author, trunk)
      open.push(branch)
      workOn(plan, branch, at, write)
    } else if (open.length > 0 && random.chance(0.85)) {
      const branch = random.pick(open)
      workOn(plan, branch, at, write)
      if (branch.request === null && branch.commits >= 2) requests.push(openRequest(plan, branch, requests.length + 1, at))
    } else trunk = write('refs/heads/main', trunk, author, at, random.pick(plan.issues), changedFiles(plan, index))
  }
  for (const request of requests) entries.push({ kind: 'ref', ref: `refs/merge-requests/${request.iid}/head`, to: request.headMark })
  return {
    path: plan.theme.path,
    name: plan.theme.name,
    description: plan.theme.description,
    entries,
    liveBranches: open.map(({ name }) => name),
    mergeRequests: requests,
    startedAt: times[0] ?? plan.until,
    endedAt: times.at(-1) ?? plan.until,
    keys,
    commitsWithKey: count.withKey,
    commitsWithFalseKey: count.falseKey,
    merges: count.merges,
  }
}

function startBranch(plan: RepositoryPlan, usedNames: Set<string>, random: Random, author: HistoryAuthor, trunk: number): OpenBranch {
  const issue = random.pick(random.chance(0.9) ? plan.issues : plan.otherIssues)
  let name = branchName(random, issue)
  for (let again = 2; usedNames.has(name.toLowerCase()); again++) name = `${name.replace(/-\d+$/, '')}-${again}`
  usedNames.add(name.toLowerCase())
  return { name, issue, author, baseMark: trunk, wanted: random.between(2, 9), files: new Map(), tip: trunk, commits: 0, request: null }
}

function workOn(
  plan: RepositoryPlan,
  branch: OpenBranch,
  at: Date,
  write: (ref: string, parent: number, author: HistoryAuthor, at: Date, issue: GeneratedIssue, files: readonly ImportedFile[]) => number,
): void {
  const author = plan.random.chance(0.85) ? branch.author : plan.random.pick(plan.authors)
  const files = changedFiles(plan, branch.tip)
  for (const { path, content } of files) if (content !== null) branch.files.set(path, content)
  branch.tip = write(`refs/heads/${branch.name}`, branch.tip, author, at, branch.issue, files)
  branch.commits++
  if (branch.request === null) return
  branch.request.headMark = branch.tip
  branch.request.updatedAt = at
}

function openRequest(plan: RepositoryPlan, branch: OpenBranch, iid: number, at: Date): GeneratedMergeRequest {
  const { random } = plan
  const others = plan.authors.filter(({ username }) => username !== branch.author.username)
  const reviewers = others.slice(0, random.between(0, 2)).map((author) => ({ author, approved: random.chance(0.6) }))
  const notes = Array.from({ length: random.between(0, 3) }, () => ({ author: random.pick(others), text: random.pick(NOTES), at }))
  const inTitle = random.chance(0.6)
  const request: GeneratedMergeRequest = {
    iid,
    title: `${random.chance(0.08) ? 'Draft: ' : ''}${inTitle ? `${branch.issue.key} ` : ''}${branch.issue.summary}`,
    description: inTitle || random.chance(0.3) ? `See the issue for the reasons.` : `Closes ${branch.issue.key}`,
    sourceBranch: branch.name,
    author: branch.author,
    createdAt: at,
    reviewers,
    notes,
    baseMark: branch.baseMark,
    headMark: branch.tip,
    mergeMark: null,
    state: 'opened',
    updatedAt: at,
  }
  branch.request = request
  return request
}

interface Finishing {
  readonly trunk: number
  readonly at: Date
  readonly entries: ImportedEntry[]
  readonly count: { merges: number }
  commit(ref: string, parents: number[], author: HistoryAuthor, at: Date, message: string, files: readonly ImportedFile[]): number
}

/** Merges the branch, or gives it up; its ref goes, its merge request keeps the head. Returns the new trunk. */
function finish(plan: RepositoryPlan, branch: OpenBranch, { trunk, at, entries, commit, count }: Finishing): number {
  const { request } = branch
  entries.push({ kind: 'ref', ref: `refs/heads/${branch.name}`, to: null })
  if (request === null) return trunk
  request.updatedAt = at
  const files = [...branch.files].map(([path, content]) => ({ path, content }))
  if (plan.random.chance(0.08)) {
    request.state = 'closed'
    return commit('refs/heads/main', [trunk], branch.author, at, 'Fix a typo\n', [{ path: 'README.md', content: `# ${plan.theme.name}\n\n${at.toISOString()}\n` }])
  }
  request.state = 'merged'
  count.merges++
  request.mergeMark = commit('refs/heads/main', [trunk, branch.tip], plan.random.pick(plan.authors), at, mergeMessage(branch.name, request.title.replace(/^Draft: /, ''), plan.fullPath, request.iid), files)
  return request.mergeMark
}

function changedFiles({ random, theme }: RepositoryPlan, salt: number): ImportedFile[] {
  return Array.from({ length: random.between(1, 3) }, () => {
    const [, folder] = random.pick(theme.areas)
    const name = random.pick(theme.things).replaceAll(' ', '-')
    return { path: `${folder}/${name}.${theme.extension}`, content: `revision ${salt}.${random.between(1, 9999)}\n` }
  })
}
