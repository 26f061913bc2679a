import {
  countLinked,
  findBranchesByName,
  findPullRequest,
  findRepositoriesByUrl,
  type FoundBranch,
} from '../../db/views/explain.ts'
import { step, type Explanation, type ExplainedSubject } from '../../domain/explanation.ts'
import { issueKey } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'
import { explainCommit, type ExplainedPlace } from './explain-commit.ts'
import { explainKey } from './explain-key.ts'
import { explainKeys, explainPlace } from './explain-place.ts'

const HASH = /^[0-9a-f]{4,64}$/i
const KEY = /^[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*$/
/** `…/-/commit/<sha>`, as a browser shows it. */
const COMMIT_URL = /\/commit\/([0-9a-f]{4,64})$/i
/** `…/-/merge_requests/12` and whatever tab of it is open. */
const PULL_REQUEST_URL = /\/(?:merge_requests|pull|pull-requests)\/([0-9]{1,15})(?:\/[a-z]+)?$/
/** A commit or a pull request may name hundreds. */
const KEYS_EXPLAINED = 20

/**
 * The way of a commit (hash, full or abbreviated, or its address), a branch, a pull request (its address) or an issue key
 * from the host to Jira, and where it ended. A text that may be several of these is looked for as each of them.
 */
export async function explainReference(app: AppContext, ref: string, signal: AbortSignal): Promise<Explanation> {
  const text = ref.trim()
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null
  const places = url === null ? await explainText(app, text, signal) : await explainUrl(app, url, signal)
  const asked = KEY.test(text) ? [issueKey(text.toUpperCase())] : []
  const keys = [...new Set([...asked, ...places.flatMap((place) => place.keys)])].slice(0, KEYS_EXPLAINED)
  const issues = await Promise.all(keys.map((key) => explainKey(app, key)))
  const found = places.length > 0 || issues.some(({ named }) => named)
  const subjects = [...places.map(({ subject }) => subject), ...issues.map(({ subject }) => subject)]
  return { ref: text, found, subjects: found ? subjects : [...subjects, await explainNothing(app, text)] }
}

async function explainText(app: AppContext, text: string, signal: AbortSignal): Promise<ExplainedPlace[]> {
  const branches = await findBranchesByName(app.db.read, text)
  const commits = HASH.test(text) ? await explainCommit(app, text.toLowerCase(), signal) : []
  return [...commits, ...(await Promise.all(branches.map((branch) => explainBranch(app, branch))))]
}

async function explainBranch(app: AppContext, branch: FoundBranch): Promise<ExplainedPlace> {
  const steps = [
    explainKeys(branch.keys, 'its name'),
    ...(await explainPlace(app, branch, branch.keys)),
    step('yes', 'stored', { text: 'The branch is stored.' }),
  ]
  const title = `Branch ${branch.name} in ${branch.repository} (account ${branch.accountId})`
  return { subject: { title, repositoryId: branch.repositoryId, issue: null, steps }, keys: branch.keys }
}

async function explainUrl(app: AppContext, url: URL, signal: AbortSignal): Promise<ExplainedPlace[]> {
  const path = url.pathname.replace(/\/+$/, '')
  const commit = COMMIT_URL.exec(path)?.[1]
  if (commit !== undefined) return explainCommit(app, commit.toLowerCase(), signal)
  const number = PULL_REQUEST_URL.exec(path)?.[1]
  return number === undefined ? [] : explainPullRequest(app, `${url.origin}${path}`, Number(number))
}

async function explainPullRequest(app: AppContext, url: string, number: number): Promise<ExplainedPlace[]> {
  const explained: ExplainedPlace[] = []
  // Several accounts may have the same repository.
  for (const place of await findRepositoriesByUrl(app.db.read, url)) {
    const stored = await findPullRequest(app.db.read, place, number)
    const title = `Pull request ${number}${stored === null ? '' : ` "${stored.title}"`} in ${place.repository} (account ${place.accountId})`
    const keys = stored?.keys ?? []
    const where = stored === null ? [] : [explainKeys(keys, 'its title, description, source branch or commits')]
    const result =
      stored === null
        ? step('no', 'stored', {
            text: 'It is not stored: it names no issue key in its title, description, source branch or commits, or was not read yet.',
            remedy: `Write a key into its title. If there is one, run "jira-dvcs sync ${place.accountId}/${place.repository}".`,
          })
        : step('yes', 'stored', { text: 'The pull request is stored.' })
    const steps = [...where, ...(await explainPlace(app, place, keys)), result]
    explained.push({ subject: { title, repositoryId: place.repositoryId, issue: null, steps }, keys })
  }
  return explained
}

async function explainNothing(app: AppContext, ref: string): Promise<ExplainedSubject> {
  const accounts = await countLinked(app.db.read)
  const where = accounts.map(({ accountId, linked }) => `${linked} of ${accountId}`).join(', ')
  const found =
    accounts.length === 0
      ? { text: 'No repository is linked.', remedy: 'Link an account under "DVCS accounts", and repositories of it.' }
      : {
          text: `Nothing is known of it. It was looked for in the linked repositories: ${where}.`,
          remedy:
            'Give a commit hash of at least four digits, a whole branch name, the address of a pull request, or an issue key. ' +
            'A push of the last minute may still be on its way; "jira-dvcs doctor" tells whether every account can be read.',
        }
  return {
    title: ref,
    repositoryId: null,
    issue: null,
    steps: [step('no', 'searched', found)],
  }
}
