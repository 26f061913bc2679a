import type { IssueKey } from '../../domain/ids.ts'
import { findBranchKeys, findCommitKeys, findPullRequestKeys, type IssueKeySettings } from '../../domain/issue-key-settings.ts'
import {
  listBranchTexts,
  listCommitTexts,
  listPullRequestTexts,
  type BranchPosition,
  type KeyText,
  type PullRequestText,
} from '../../db/views/key-texts.ts'
import { listProjectKeys } from '../../db/stores/projects.ts'
import type { AppContext } from '../app-context.ts'

/** About a second or two of work, a page at a time. */
const MOST_TEXTS = 200_000
const PER_PAGE = 2_000
const MOST_SAMPLES = 50
const LONGEST_SAMPLE = 200

export interface LinkSample {
  readonly kind: 'branch' | 'commit' | 'pull-request'
  readonly repository: string
  readonly text: string
  readonly issue: string
  readonly url: string | null
}

export interface LinkChanges {
  readonly count: number
  readonly samples: readonly LinkSample[]
}

export interface IssueKeyPreview {
  readonly link: LinkChanges
  readonly unlink: LinkChanges
  /** False: there is more than could be counted by what is stored. */
  readonly complete: boolean
  readonly notes: readonly string[]
}

interface Rules {
  readonly before: IssueKeySettings
  readonly after: IssueKeySettings
}

interface Tally {
  readonly link: { count: number; samples: LinkSample[] }
  readonly unlink: { count: number; samples: LinkSample[] }
  /** Texts that may still be looked at. */
  left: number
  /** Keys of the projects that Jira told of; empty: it told of none yet. */
  readonly projects: ReadonlySet<string>
}

/** What other rules would link and unlink, by what is stored; nothing is changed and no host is asked. */
export async function previewIssueKeys(
  app: AppContext,
  after: IssueKeySettings,
  { most = MOST_TEXTS }: { readonly most?: number } = {},
): Promise<IssueKeyPreview> {
  const rules = { before: await app.issueKeyRules.refresh(), after }
  const projects = new Set(await listProjectKeys(app.db.read))
  const tally: Tally = { link: { count: 0, samples: [] }, unlink: { count: 0, samples: [] }, left: most, projects }
  const [branch, commit, title] = (['branch', 'commit', 'title'] as const).map((place) => differs(rules, place))
  const byCommits = rules.before.pullRequestCommits !== after.pullRequestCommits
  if (branch) await countBranches(app, rules, tally)
  if (branch || title || byCommits) await countPullRequests(app, rules, tally)
  if (commit) await countCommits(app, rules, tally)
  const missing = listMissing(rules)
  const notes = [
    ...missing,
    ...(tally.left > 0 ? [] : [`Only the first ${most.toLocaleString('en')} texts that are stored were looked at.`]),
    ...(projects.size > 0 ? [] : ['Jira has not told its projects yet: every word that looks like an issue key is counted.']),
  ]
  return { link: tally.link, unlink: tally.unlink, complete: missing.length === 0 && tally.left > 0, notes }
}

type Place = IssueKeySettings['anyCaseIn'][number]

const differs = ({ before, after }: Rules, place: Place) => before.anyCaseIn.includes(place) !== after.anyCaseIn.includes(place)
const begins = (rules: Rules, place: Place) => differs(rules, place) && rules.after.anyCaseIn.includes(place)

function listMissing(rules: Rules): string[] {
  const { before, after } = rules
  const notes: string[] = []
  if (begins(rules, 'commit')) {
    notes.push('Commits that name no issue by the rules of today are not stored: those that would come are not counted.')
  }
  if (begins(rules, 'branch') || begins(rules, 'title')) {
    notes.push(
      'Pull requests that belong to no issue by the rules of today are not stored: those that would come are not counted.',
    )
  }
  if (!before.pullRequestCommits && after.pullRequestCommits) {
    notes.push('Which commits a pull request brings is not stored: what they would link is not counted.')
  }
  if (before.pullRequestCommits && !after.pullRequestCommits) {
    notes.push('Descriptions of pull requests are not stored: an issue that is named there stays linked, though it is counted.')
  }
  if (after.pullRequestCommits && before.pullRequestCommits && differs(rules, 'commit')) {
    notes.push('Which commits a pull request brings is not stored: what changes for pull requests by it is not counted.')
  }
  return notes
}

async function countBranches({ db }: AppContext, { before, after }: Rules, tally: Tally): Promise<void> {
  let position: BranchPosition | null = null
  do {
    const page: Awaited<ReturnType<typeof listBranchTexts>> = await listBranchTexts(db.read, {
      after: position,
      limit: take(tally),
    })
    for (const row of page) {
      compare(tally, { kind: 'branch', row, before: findBranchKeys(row.text, before), after: findBranchKeys(row.text, after) })
    }
    tally.left -= page.length
    position = page.at(-1)?.position ?? null
  } while (position !== null && tally.left > 0)
}

async function countPullRequests({ db }: AppContext, rules: Rules, tally: Tally): Promise<void> {
  for (let last = 0; tally.left > 0;) {
    const page = await listPullRequestTexts(db.read, { after: last, limit: take(tally) })
    for (const row of page) compare(tally, { kind: 'pull-request', row, ...comparePullRequest(row, rules) })
    tally.left -= page.length
    if (page.length === 0) return
    last = page.at(-1)?.id ?? last
  }
}

/** Its stored keys are those of its description and its commits too, which no rule for its other texts takes away. */
function comparePullRequest({ text, sourceBranch, keys }: PullRequestText, { before, after }: Rules) {
  const texts = { title: text, description: '', sourceBranch }
  const own = new Set(findPullRequestKeys(texts, before))
  const kept = before.pullRequestCommits && !after.pullRequestCommits ? [] : keys.filter((key) => !own.has(key))
  return { before: keys, after: [...new Set([...findPullRequestKeys(texts, after), ...kept])] }
}

async function countCommits({ db }: AppContext, { before, after }: Rules, tally: Tally): Promise<void> {
  for (let last = 0; tally.left > 0;) {
    const page = await listCommitTexts(db.read, { after: last, limit: take(tally) })
    for (const row of page) {
      compare(tally, { kind: 'commit', row, before: findCommitKeys(row.text, before), after: findCommitKeys(row.text, after) })
    }
    tally.left -= page.length
    if (page.length === 0) return
    last = page.at(-1)?.id ?? last
  }
}

const take = ({ left }: Tally) => Math.min(PER_PAGE, left)

interface Comparison {
  readonly kind: LinkSample['kind']
  readonly row: KeyText
  readonly before: readonly IssueKey[]
  readonly after: readonly IssueKey[]
}

function compare(tally: Tally, { kind, row, before, after }: Comparison): void {
  const add = (changes: Tally['link'], issue: IssueKey) => {
    if (!counts(tally, issue)) return
    changes.count += 1
    if (changes.samples.length === MOST_SAMPLES) return
    const line = row.text.split('\n', 1)[0] ?? ''
    const text = line.length > LONGEST_SAMPLE ? `${line.slice(0, LONGEST_SAMPLE)}…` : line
    changes.samples.push({ kind, repository: row.repository, text, issue, url: row.url })
  }
  for (const issue of after) if (!before.includes(issue)) add(tally.link, issue)
  for (const issue of before) if (!after.includes(issue)) add(tally.unlink, issue)
}

const counts = ({ projects }: Tally, issue: IssueKey) =>
  projects.size === 0 || projects.has(issue.slice(0, issue.lastIndexOf('-')))
