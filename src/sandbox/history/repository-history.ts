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

/** What has happened so far. */
interface Play {
  readonly plan: RepositoryPlan
  readonly entries: ImportedEntry[]
  readonly requests: GeneratedMergeRequest[]
  readonly keys: Map<string, number>
  readonly usedNames: Set<string>
  readonly open: OpenBranch[]
  readonly count: { marks: number; withKey: number; falseKey: number; merges: number }
  /** Mark of the last commit on main. */
  trunk: number
}

interface Work {
  readonly ref: string
  /** Mark; 0: none. */
  readonly parent: number
  readonly author: HistoryAuthor
  readonly at: Date
  readonly files: readonly ImportedFile[]
}

const TRUNK = 'refs/heads/main'
/** Branches worked on at a time, before the end. */
const BRANCHES_AT_ONCE = 6

/** Plays two years of work on one repository: branches are opened, worked on, merged or given up; some stay open. */
export function playRepository(plan: RepositoryPlan): RepositoryHistory {
  const count = { marks: 0, withKey: 0, falseKey: 0, merges: 0 }
  const play: Play = { plan, entries: [], requests: [], keys: new Map(), usedNames: new Set(), open: [], count, trunk: 0 }
  const times = workingTimes(plan.random, plan.commits, plan.until)
  for (const [index, at] of times.entries()) {
    if (index === 0) {
      const files = [{ path: 'README.md', content: `# ${plan.theme.name}\n` }]
      play.trunk = commit(
        play,
        { ref: TRUNK, parent: 0, author: plan.random.pick(plan.authors), at, files },
        'Start the project\n',
      )
    } else act(play, at, index >= times.length - plan.liveBranches * 3)
  }
  for (const request of play.requests)
    play.entries.push({ kind: 'ref', ref: `refs/merge-requests/${request.iid}/head`, to: request.headMark })
  return {
    path: plan.theme.path,
    name: plan.theme.name,
    description: plan.theme.description,
    entries: play.entries,
    liveBranches: play.open.map(({ name }) => name),
    mergeRequests: play.requests,
    startedAt: times[0] ?? plan.until,
    endedAt: times.at(-1) ?? plan.until,
    keys: play.keys,
    commitsWithKey: count.withKey,
    commitsWithFalseKey: count.falseKey,
    merges: count.merges,
  }
}

/** One act makes one commit: it ends a branch, starts one, continues one or goes to main directly. */
function act(play: Play, at: Date, ending: boolean): void {
  const { plan, open } = play
  const { random } = plan
  const ripe = open.findIndex((branch) => branch.commits >= branch.wanted && branch.request !== null)
  if (ripe >= 0 && random.chance(0.6) && (!ending || open.length > plan.liveBranches)) {
    for (const branch of open.splice(ripe, 1)) finish(play, branch, at)
  } else if (open.length < (ending ? plan.liveBranches : BRANCHES_AT_ONCE) && random.chance(ending ? 0.9 : 0.35)) {
    const branch = startBranch(play)
    open.push(branch)
    workOn(play, branch, at)
  } else if (open.length > 0 && random.chance(0.85)) {
    const branch = random.pick(open)
    workOn(play, branch, at)
    if (branch.request === null && branch.commits >= 2)
      play.requests.push(openRequest(plan, branch, play.requests.length + 1, at))
  } else {
    const work = {
      ref: TRUNK,
      parent: play.trunk,
      author: random.pick(plan.authors),
      at,
      files: changedFiles(plan, play.count.marks),
    }
    play.trunk = write(play, work, random.pick(plan.issues))
  }
}

function commit({ entries, count }: Play, { ref, parent, author, at, files }: Work, message: string): number {
  count.marks++
  entries.push({
    kind: 'commit',
    ref,
    mark: count.marks,
    parents: parent === 0 ? [] : [parent],
    author,
    authoredAt: at,
    message,
    files,
  })
  return count.marks
}

/** A commit about an issue, or about none. */
function write(play: Play, work: Work, issue: GeneratedIssue): number {
  const { random, theme, issues, otherIssues } = play.plan
  const message = commitMessage(random, theme, issue, random.pick(random.chance(0.5) ? otherIssues : issues))
  for (const key of message.keys) play.keys.set(key, (play.keys.get(key) ?? 0) + 1)
  if (message.keys.length > 0) play.count.withKey++
  if (message.falseKey) play.count.falseKey++
  return commit(play, work, message.text)
}

function startBranch({ plan, usedNames, trunk }: Play): OpenBranch {
  const { random } = plan
  const issue = random.pick(random.chance(0.9) ? plan.issues : plan.otherIssues)
  const wished = branchName(random, issue)
  let name = wished
  for (let again = 2; usedNames.has(name.toLowerCase()); again++) name = `${wished}-${again}`
  usedNames.add(name.toLowerCase())
  const author = random.pick(plan.authors)
  return {
    name,
    issue,
    author,
    baseMark: trunk,
    wanted: random.between(2, 9),
    files: new Map(),
    tip: trunk,
    commits: 0,
    request: null,
  }
}

function workOn(play: Play, branch: OpenBranch, at: Date): void {
  const { random, authors } = play.plan
  const author = random.chance(0.85) ? branch.author : random.pick(authors)
  const files = changedFiles(play.plan, branch.tip)
  for (const { path, content } of files) if (content !== null) branch.files.set(path, content)
  branch.tip = write(play, { ref: `refs/heads/${branch.name}`, parent: branch.tip, author, at, files }, branch.issue)
  branch.commits++
  if (branch.request === null) return
  branch.request.headMark = branch.tip
  branch.request.updatedAt = at
}

function openRequest(plan: RepositoryPlan, branch: OpenBranch, iid: number, at: Date): GeneratedMergeRequest {
  const { random } = plan
  const others = plan.authors.filter(({ username }) => username !== branch.author.username)
  const reviewers = others.slice(0, random.between(0, 2)).map((author) => ({ author, approved: random.chance(0.6) }))
  const notes = Array.from({ length: random.between(0, 3) }, () => ({
    author: random.pick(others),
    text: random.pick(NOTES),
    at,
  }))
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

/** Merges the branch, or gives it up; its ref goes, its merge request keeps the head. */
function finish(play: Play, branch: OpenBranch, at: Date): void {
  const { plan, entries, count } = play
  const { request } = branch
  entries.push({ kind: 'ref', ref: `refs/heads/${branch.name}`, to: null })
  if (request === null) return
  request.updatedAt = at
  if (plan.random.chance(0.08)) {
    request.state = 'closed'
    const files = [{ path: 'README.md', content: `# ${plan.theme.name}\n\n${at.toISOString()}\n` }]
    play.trunk = commit(play, { ref: TRUNK, parent: play.trunk, author: branch.author, at, files }, 'Fix a typo\n')
    return
  }
  request.state = 'merged'
  count.merges++
  count.marks++
  const message = mergeMessage(branch.name, request.title.replace(/^Draft: /, ''), plan.fullPath, request.iid)
  const files = [...branch.files].map(([path, content]) => ({ path, content }))
  const parents = [play.trunk, branch.tip]
  entries.push({
    kind: 'commit',
    ref: TRUNK,
    mark: count.marks,
    parents,
    author: plan.random.pick(plan.authors),
    authoredAt: at,
    message,
    files,
  })
  request.mergeMark = count.marks
  play.trunk = count.marks
}

function changedFiles({ random, theme }: RepositoryPlan, salt: number): ImportedFile[] {
  return Array.from({ length: random.between(1, 3) }, () => {
    const [, folder] = random.pick(theme.areas)
    const name = random.pick(theme.things).replaceAll(' ', '-')
    return { path: `${folder}/${name}.${theme.extension}`, content: `revision ${salt}.${random.between(1, 9999)}\n` }
  })
}
