import { accountId, hostId, issueKey, sha, type AccountId, type IssueKey, type RepositoryId, type Sha } from '../domain/ids.ts'
import type { Reader, Tx } from './database.ts'
import { saveAccount, type AccountSettings } from './stores/accounts.ts'
import type { KeyedBuild } from './stores/builds.ts'
import type { KeyedCommit } from './stores/gather-commits.ts'
import type { KeyedPullRequest } from './stores/pull-requests.ts'
import { findRepositoryByHostId, saveListedRepository, type ListedRepository } from './stores/repositories.ts'
import { saveWebhooks, type ReceivedWebhook } from './stores/webhook-deliveries.ts'

/** A time of the test in ms: so many minutes after its beginning. */
export const at = (minutes: number): number => Date.UTC(2026, 0, 1) + minutes * 60_000

export const keys = (...names: string[]): IssueKey[] => names.map(issueKey)
export const shaOf = (number: number): Sha => sha(number.toString(16).padStart(40, '0'))

export function accountSettings(id: string, more: Partial<AccountSettings> = {}): AccountSettings {
  return {
    id: accountId(id),
    name: id,
    host: 'gitlab',
    url: 'https://gitlab.example.com',
    gitUrl: null,
    owner: id,
    managedBy: 'file',
    webhooks: 'off',
    autoLink: true,
    smartCommits: true,
    smartCommitTrust: 'author',
    smartCommitReplies: false,
    include: ['**'],
    exclude: [],
    jiraProjects: [],
    ...more,
  }
}

/** One that succeeded, of the commit with the same number. */
export function build(number: number, names: readonly string[], more: Partial<KeyedBuild> = {}): KeyedBuild {
  return {
    id: String(7_000 + number),
    number,
    state: 'SUCCESSFUL',
    ref: 'main',
    sha: shaOf(number),
    url: `https://gitlab.example.com/acme/shop/-/pipelines/${7_000 + number}`,
    createdAt: new Date(at(0)),
    updatedAt: new Date(at(number)),
    finishedAt: new Date(at(number)),
    keys: keys(...names),
    ...more,
  }
}

export function listedRepository(id: number, more: Partial<ListedRepository> = {}): ListedRepository {
  return {
    hostId: hostId(String(id)),
    path: `acme/repository-${id}`,
    webUrl: `https://gitlab.example.com/acme/repository-${id}`,
    defaultBranch: 'main',
    lastActivityAt: new Date(at(0)),
    archived: false,
    empty: false,
    gitEnabled: true,
    pullRequestsEnabled: true,
    forkOf: null,
    ...more,
  }
}

/** Adds an account and a linked repository; returns the repository's id. */
export async function addRepository(tx: Tx, account: AccountId, id: number): Promise<RepositoryId> {
  await saveAccount(tx, accountSettings(account), {}, at(0))
  await saveListedRepository(tx, listedRepository(id), { accountId: account, linked: true, smartCommits: true })
  const repository = await findRepositoryByHostId(tx, account, hostId(String(id)))
  if (repository === null) throw new Error('the repository was not stored')
  return repository.id
}

export function commit(number: number, names: readonly string[], more: Partial<KeyedCommit> = {}): KeyedCommit {
  return {
    sha: shaOf(number),
    message: `${names.join(' ')} change ${number}`,
    author: { name: 'Ann Ember', email: 'ann@example.com' },
    authoredAt: new Date(at(number)),
    committedAt: new Date(at(number)),
    merge: false,
    keys: keys(...names),
    ...more,
  }
}

export function pullRequest(number: number, names: readonly string[], more: Partial<KeyedPullRequest> = {}): KeyedPullRequest {
  return {
    number,
    title: `Request ${number}`,
    status: 'OPEN',
    draft: false,
    sourceBranch: `topic-${number}`,
    targetBranch: 'main',
    sourceRepository: null,
    headSha: shaOf(1_000 + number),
    url: `https://gitlab.example.com/acme/shop/-/merge_requests/${number}`,
    author: { name: 'Ann Ember', email: null },
    reviewers: [{ name: 'Bo Lind', state: 'APPROVED' }],
    commentCount: 2,
    createdAt: new Date(at(0)),
    updatedAt: new Date(at(number)),
    keys: keys(...names),
    ...more,
  }
}

/** `KEY state version` of every issue. */
export async function listIssues(db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('issues').select(['issue_key', 'state', 'version']).orderBy('issue_key').execute()
  return rows.map((row) => `${row.issue_key} ${row.state} ${row.version}`)
}

/** As the receiver stores one: of a push to the repository 501. */
export async function saveWebhook(
  tx: Tx,
  webhook: Omit<ReceivedWebhook, 'reading'> & Partial<Pick<ReceivedWebhook, 'reading'>>,
): Promise<number | null> {
  const reading = { hint: { kind: 'repository', repository: hostId('501') } } as const
  const [id = null] = await saveWebhooks(tx, [{ reading, ...webhook }])
  return id
}
