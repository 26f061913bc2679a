import type { IssueKey, Sha } from '../../domain/ids.ts'
import { findCommitKeys, findPullRequestKeys } from '../../domain/issue-key-settings.ts'
import { RULES_VERSION } from '../../domain/issue-keys.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import { savePullRequests, sweepPullRequests, type KeyedPullRequest } from '../../db/stores/pull-requests.ts'
import { beginHistory, raiseLastActivity, setPullRequestsSince } from '../../db/stores/sync-state.ts'
import type { HostPullRequest } from '../../hosts/types.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { HistorySource } from './history-source.ts'
import type { HistoryPlan } from './import-history.ts'
import { writeChanges, type SyncRun } from './sync-run.ts'

const MAX_TITLE_BYTES = 4 * 1024
/** A git process each, about 10 ms; two cores serve no more. */
const RANGES_AT_ONCE = 2

/**
 * Reads the pull requests that changed since the last run, page by page; a page that is stored is never read again.
 * Returns whether any was stored, so that the kept heads are looked at.
 */
export async function importPullRequests(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<boolean> {
  if (!run.repository.pullRequestsEnabled) return false
  run.progress.step('pull-requests')
  const everything = run.full || run.repository.rulesVersion !== RULES_VERSION
  const since = everything ? null : run.repository.pullRequestsSince
  const repository = { hostId: run.repository.hostId, path: run.repository.name, webUrl: run.repository.url }
  let newest = since?.getTime() ?? 0
  let touched = false
  for await (const page of run.connection.listPullRequests({ repository, updatedSince: since, signal: run.signal })) {
    run.signal.throwIfAborted()
    const pullRequests = await toKeyedPullRequests(run, history, page)
    newest = Math.max(newest, ...page.map(({ updatedAt }) => updatedAt.getTime()))
    const pageTouched = pullRequests.some(({ keys }) => keys.length > 0)
    touched ||= pageTouched
    run.progress.counts.pullRequests += page.length
    await writeChanges(run.app, async (tx, dueAt) => {
      // Their heads are looked at when the history is finished: a run that breaks off before leaves it unfinished.
      if (pageTouched) await beginHistory(tx, run.repository.id, plan.generation)
      await savePullRequests(tx, { repositoryId: run.repository.id, generation: plan.generation, pullRequests, dueAt })
      await raiseLastActivity(tx, run.repository.id, newest)
      // A listing of everything is swept at its end, so it cannot resume in the middle.
      if (!everything) await setPullRequestsSince(tx, run.repository.id, newest)
      await run.progress.save(tx)
    })
  }
  await writeChanges(run.app, async (tx, dueAt) => {
    if (everything) await sweepPullRequests(tx, run.repository.id, { generation: plan.generation, dueAt })
    if (newest > 0) await setPullRequestsSince(tx, run.repository.id, newest)
  })
  return touched
}

async function toKeyedPullRequests(run: SyncRun, history: HistorySource, page: readonly HostPullRequest[]): Promise<KeyedPullRequest[]> {
  const byCommits = run.app.settings.issueKeys.pullRequestCommits
  const readable = byCommits ? await findReadableHeads(run, history, page) : new Set<Sha>()
  return mapConcurrently(page, RANGES_AT_ONCE, async (pullRequest) => {
    const keys = new Set(findPullRequestKeys(pullRequest, run.app.settings.issueKeys))
    if (pullRequest.headSha !== null && readable.has(pullRequest.headSha)) {
      for (const key of await readCommitKeys(run, history, pullRequest)) keys.add(key)
    }
    run.progress.noteIssues(keys)
    return toKeyedPullRequest(pullRequest, [...keys])
  })
}

/** Heads whose commits can be read; those of open pull requests from forks are fetched for it. */
async function findReadableHeads(run: SyncRun, history: HistorySource, page: readonly HostPullRequest[]): Promise<ReadonlySet<Sha>> {
  const heads = new Map(page.flatMap(({ number, headSha }) => (headSha === null ? [] : [[number, headSha] as const])))
  const known = await history.findKnown([...new Set(heads.values())])
  const absent = new Map(
    page.flatMap(({ number, headSha, status }) => (status === 'OPEN' && headSha !== null && !known.has(headSha) ? [[number, headSha] as const] : [])),
  )
  if (absent.size === 0) return known
  const fetched = await history.fetchHeads(absent, run.signal)
  return new Set([...known, ...fetched.values()])
}

/** Keys of the commits that a pull request brings: those not on its target branch, or not there before its merge. */
async function readCommitKeys(run: SyncRun, history: HistorySource, pullRequest: HostPullRequest): Promise<IssueKey[]> {
  const { headSha, mergeCommitSha, targetBranch } = pullRequest
  if (headSha === null) return []
  const target = history.branches.find(({ name }) => name === targetBranch)?.head
  const base = mergeCommitSha !== null && (await history.findKnown([mergeCommitSha])).size > 0 ? (`${mergeCommitSha}^1` as const) : target
  if (base === undefined) return []
  const keys: IssueKey[] = []
  for await (const commits of history.readCommits({ include: [headSha], exclude: [base] }, run.signal)) {
    for (const commit of commits) keys.push(...findCommitKeys(commit.message, run.app.settings.issueKeys))
  }
  return keys
}

function toKeyedPullRequest(pullRequest: HostPullRequest, keys: readonly IssueKey[]): KeyedPullRequest {
  const text = (value: string) => toStorableText(value, { maxBytes: MAX_TITLE_BYTES })
  return {
    number: pullRequest.number,
    title: text(pullRequest.title),
    status: pullRequest.status,
    draft: pullRequest.draft,
    sourceBranch: text(pullRequest.sourceBranch),
    targetBranch: text(pullRequest.targetBranch),
    sourceRepository: pullRequest.sourceRepository,
    headSha: pullRequest.headSha,
    url: text(pullRequest.url),
    author: { name: text(pullRequest.author.name), email: pullRequest.author.email === null ? null : text(pullRequest.author.email) },
    reviewers: pullRequest.reviewers.map((reviewer) => ({ name: text(reviewer.name), state: reviewer.state })),
    commentCount: pullRequest.commentCount,
    createdAt: pullRequest.createdAt,
    updatedAt: pullRequest.updatedAt,
    keys,
  }
}
