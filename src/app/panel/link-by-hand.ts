import { access } from 'node:fs/promises'
import { KEPT_GENERATION, prepareCommits, saveCommits } from '../../db/stores/commits.ts'
import type { KeyedCommit } from '../../db/stores/gather-commits.ts'
import { listKeysOfSameIssue, markIssuesDirty } from '../../db/stores/issues.ts'
import {
  countManualLinks,
  deleteManualLink,
  forgetUnlinked,
  saveManualLink,
  type ManualLink,
} from '../../db/stores/manual-links.ts'
import { savePullRequests, type KeyedPullRequest } from '../../db/stores/pull-requests.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import { findStoredCommit, findStoredPullRequest } from '../../db/views/linkable.ts'
import { readManualLinkList } from '../../db/views/manual-link-list.ts'
import type { IssueKey, RepositoryId, Sha } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { toReadCommit } from '../sync/api-history.ts'
import { toKeyedCommit } from '../sync/keyed-commit.ts'
import { toKeyedPullRequest } from '../sync/import-pull-requests.ts'
import { mirrorHead, mirrorOf } from '../sync/open-history.ts'
import type { ReadCommit } from '../sync/history-source.ts'
import { writeChanges } from '../sync/sync-run.ts'

/** A person makes a handful; each costs every reading of the issue a little. */
const MAX_LINKS_PER_ISSUE = 500

export type LinkRequest = Omit<ManualLink, 'at'>

/**
 * Links or unlinks one commit or pull request by hand; what is stored nowhere is read from the local copy or from the
 * host first. Returns the id of what was said.
 *
 * @throws ConnectorError `repository-not-found`, `repository-not-linked`, `commit-not-found`, `pull-request-not-found`,
 *   `too-many-manual-links`, those of the host
 */
export async function linkByHand(app: AppContext, request: LinkRequest, signal: AbortSignal): Promise<number> {
  const repository = await getLinkedRepository(app, request.repositoryId)
  const keys = await listKeysOfSameIssue(app.db.read, request.key)
  if ((await countManualLinks(app.db.read, keys)) >= MAX_LINKS_PER_ISSUE) throw toTooMany(request.key)
  const work = { app, repository, request }
  const absent = request.kind === 'commit' ? await readAbsentCommit(work, signal) : await readAbsentPullRequest(work, signal)
  return writeChanges(app, async (tx, dueAt) => {
    // First what says that it is to be kept, then the thing itself.
    const id = await saveManualLink(tx, { ...request, at: app.clock.now() })
    const batch = { repositoryId: repository.id, generation: KEPT_GENERATION }
    if (absent !== null && 'commit' in absent) {
      await saveCommits(tx, prepareCommits({ ...batch, commits: [absent.commit], rekey: false }), dueAt)
    } else if (absent !== null) {
      await savePullRequests(tx, { ...batch, generation: repository.generation, pullRequests: [absent.pullRequest], dueAt })
    }
    await markIssuesDirty(tx, [{ key: request.key, at: app.clock.now().getTime() }], dueAt)
    return id
  })
}

/** What was said by hand about an issue, newest first. */
export async function listLinksByHand(
  app: AppContext,
  key: IssueKey,
  page: Parameters<typeof readManualLinkList>[2],
): ReturnType<typeof readManualLinkList> {
  return readManualLinkList(app.db.read, await listKeysOfSameIssue(app.db.read, key), page)
}

/** @throws ConnectorError `manual-link-not-found` */
export async function takeBackLink(app: AppContext, key: IssueKey, id: number): Promise<void> {
  const keys = await listKeysOfSameIssue(app.db.read, key)
  await writeChanges(app, async (tx, dueAt) => {
    const link = await deleteManualLink(tx, keys, id)
    if (link === null) {
      throw new ConnectorError('manual-link-not-found', { userMessage: `${key} has no link by hand with the id ${id}.` })
    }
    await forgetUnlinked(tx, link)
    await markIssuesDirty(tx, [{ key: link.key, at: app.clock.now().getTime() }], dueAt)
  })
}

async function getLinkedRepository(app: AppContext, id: RepositoryId): Promise<Repository> {
  const repository = await findRepository(app.db.read, id)
  if (repository === null) throw new ConnectorError('repository-not-found', { userMessage: `There is no repository ${id}.` })
  if (repository.linked) return repository
  throw new ConnectorError('repository-not-linked', {
    userMessage: `${repository.name} is not linked.`,
    remedy: 'Link it first.',
  })
}

interface LinkWork {
  readonly app: AppContext
  readonly repository: Repository
  readonly request: LinkRequest
}

/** null: it is stored already. */
async function readAbsentCommit(
  { app, repository, request }: LinkWork,
  signal: AbortSignal,
): Promise<{ commit: KeyedCommit } | null> {
  const sha = request.entity as Sha
  if ((await findStoredCommit(app.db.read, repository.id, sha)) !== null) return null
  // What is not stored can be linked, and there is nothing to unlink.
  const found =
    request.action === 'unlink'
      ? null
      : ((await readFromMirror(app, { repository, sha }, signal)) ?? (await readFromHost(app, { repository, sha }, signal)))
  if (found !== null) return { commit: toKeyedCommit(found, []) }
  throw new ConnectorError('commit-not-found', {
    userMessage: `${repository.name} has no commit ${sha}.`,
    remedy: 'Check the hash and the repository.',
  })
}

async function readFromMirror(
  app: AppContext,
  { repository, sha }: { repository: Repository; sha: Sha },
  signal: AbortSignal,
): Promise<ReadCommit | null> {
  const there = await access(mirrorHead(app, repository)).then(
    () => true,
    () => false,
  )
  if (!there) return null
  const mirror = mirrorOf(app, repository)
  if (!(await mirror.hasCommits([sha])).has(sha)) return null
  // Newest first, so that the first one is the commit itself; leaving the loop ends git.
  for await (const [commit] of mirror.readCommits({ include: [sha], exclude: [], signal })) return commit ?? null
  return null
}

async function readFromHost(
  app: AppContext,
  { repository, sha }: { repository: Repository; sha: Sha },
  signal: AbortSignal,
): Promise<ReadCommit | null> {
  const connection = await app.connections.get(repository.accountId)
  const commit = await connection.findCommit(toAddress(repository), sha, signal)
  // A host may take a hash for something else, such as a tag of that name.
  return commit?.sha === sha ? toReadCommit(commit) : null
}

async function readAbsentPullRequest(
  { app, repository, request }: LinkWork,
  signal: AbortSignal,
): Promise<{ pullRequest: KeyedPullRequest } | null> {
  const number = Number(request.entity)
  if (await findStoredPullRequest(app.db.read, repository.id, number)) return null
  const connection = request.action === 'unlink' ? null : await app.connections.get(repository.accountId)
  const found = (await connection?.findPullRequest(toAddress(repository), number, signal)) ?? null
  if (found !== null) return { pullRequest: toKeyedPullRequest(found, []) }
  throw new ConnectorError('pull-request-not-found', {
    userMessage: `${repository.name} has no pull request ${number}, or its host does not show it.`,
    remedy: 'Check the number and the repository.',
  })
}

function toAddress({ hostId, name, url }: Repository) {
  return { hostId, path: name, webUrl: url }
}

function toTooMany(key: IssueKey): ConnectorError {
  return new ConnectorError('too-many-manual-links', {
    userMessage: `${key} has ${MAX_LINKS_PER_ISSUE} links by hand already.`,
    remedy: 'Take back some of them.',
  })
}
