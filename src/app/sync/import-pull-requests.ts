import type { IssueKey, Sha } from '../../domain/ids.ts'
import { findCommitKeys, findPullRequestKeys, toRulesVersion } from '../../domain/issue-key-settings.ts'
import { MAX_KEYS_PER_PULL_REQUEST } from '../../domain/issue-keys.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import { addBuildHeads, type ChangedHead } from '../../db/stores/build-heads.ts'
import { EVERY_GENERATION, savePullRequests, sweepPullRequests, type KeyedPullRequest } from '../../db/stores/pull-requests.ts'
import {
  beginHistory,
  findPullRequestsCursor,
  raiseLastActivity,
  setPullRequestsCursor,
  setPullRequestsSince,
} from '../../db/stores/import-marks.ts'
import type { HostPullRequest } from '../../hosts/types.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import { toPullRequestEvents } from '../triggers/found-events.ts'
import type { HistorySource } from './history-source.ts'
import type { HistoryPlan } from './import-history.ts'
import { untilRefused } from './shown-pages.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

/** A request each to the host; more have changed only after a long pause, when their builds are in the list of changes. */
const MOST_HEADS = 100
const MAX_TITLE_BYTES = 4 * 1024
/** A git process each, about 10 ms; two cores serve no more. */
const RANGES_AT_ONCE = 2
const DELETES_PER_WRITE = 1_000

/**
 * Reads the pull requests that changed since the last run, page by page; a page that is stored is never read again.
 *
 * @returns whether a stored head came, moved or went: the kept heads are to be looked at
 */
export async function importPullRequests(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<boolean> {
  run.progress.step('pull-requests')
  if (!run.repository.pullRequestsEnabled) return forgetPullRequests(run, plan)
  const everything = run.full || run.repository.rulesVersion !== toRulesVersion(run.rules)
  const listing = everything ? await beginListing(run, plan) : null
  const since = listing === null ? run.repository.pullRequestsSince : listing.since
  const repository = { hostId: run.repository.hostId, path: run.repository.name, webUrl: run.repository.url }
  let newest = since?.getTime() ?? 0
  let touched = false
  const pages = untilRefused(run, run.connection.listPullRequests({ repository, updatedSince: since, signal: run.signal }))
  for await (const page of pages) {
    run.signal.throwIfAborted()
    const pullRequests = await toKeyedPullRequests(run, history, page)
    newest = Math.max(newest, ...page.map(({ updatedAt }) => updatedAt.getTime()))
    run.progress.counts.pullRequests += page.length
    // Of a first import all builds are read afterwards.
    const firstImport = listing !== null && run.repository.pullRequestsSince === null
    const heads = firstImport ? [] : findChangedHeads(run, pullRequests)
    await writeInRun(run, async (tx, dueAt) => {
      const { headsChanged, saved } = await savePullRequests(tx, {
        repositoryId: run.repository.id,
        generation: plan.generation,
        pullRequests,
        dueAt,
      })
      touched ||= headsChanged
      // Their heads are looked at when the history is finished: a run that breaks off before leaves it unfinished.
      if (headsChanged) await beginHistory(tx, run.repository.id, plan.generation)
      await addBuildHeads(tx, run.repository.id, { heads, most: MOST_HEADS })
      await run.events.record(tx, (since) => toPullRequestEvents(saved, since))
      await raiseLastActivity(tx, run.repository.id, newest)
      if (listing === null) await setPullRequestsSince(tx, run.repository.id, newest)
      else
        await setPullRequestsCursor(tx, run.repository.id, {
          since: newest,
          generation: listing.generation,
          rulesVersion: toRulesVersion(run.rules),
        })
      await run.progress.save(tx)
    })
  }
  if (pages.refused) return touched
  if (listing !== null && (await sweepAll(run, plan, listing.generation))) touched = true
  if (newest > 0) await writeInRun(run, (tx) => setPullRequestsSince(tx, run.repository.id, newest))
  return touched
}

/** Heads of those that changed since the last run, without the one at the mark, which is told again each time. */
function findChangedHeads({ repository }: SyncRun, pullRequests: readonly KeyedPullRequest[]): ChangedHead[] {
  const sinceMs = repository.pullRequestsSince?.getTime() ?? 0
  return pullRequests.flatMap(({ headSha, keys, updatedAt }) =>
    headSha === null || updatedAt.getTime() <= sinceMs
      ? []
      : [{ headSha, named: keys.length > 0, changedAt: updatedAt.getTime() }],
  )
}

interface Listing {
  /** null: from the first one. */
  readonly since: Date | null
  /** Of the run that began it: what carries an older one at its end was not met. */
  readonly generation: number
}

/** A listing of everything goes on where the last run's broke off, so that a rate limit does not keep it from ever ending. */
async function beginListing({ app, repository, rules }: SyncRun, plan: HistoryPlan): Promise<Listing> {
  const cursor = await findPullRequestsCursor(app.db.read, repository.id)
  if (cursor === null || cursor.rulesVersion !== toRulesVersion(rules)) return { since: null, generation: plan.generation }
  return { since: new Date(cursor.since), generation: cursor.generation }
}

/** Returns whether any was deleted. */
async function sweepAll(run: SyncRun, plan: HistoryPlan, generation: number): Promise<boolean> {
  for (let swept = false; ; swept = true) {
    run.signal.throwIfAborted()
    const deleted = await writeInRun(run, async (tx, dueAt) => {
      const count = await sweepPullRequests(tx, run.repository.id, { generation, limit: DELETES_PER_WRITE, dueAt })
      if (count > 0) await beginHistory(tx, run.repository.id, plan.generation)
      return count
    })
    if (deleted === 0) return swept
  }
}

/** Switched off, they are "none"; switched on again they come with their old update times, so the mark goes as well. */
async function forgetPullRequests(run: SyncRun, plan: HistoryPlan): Promise<boolean> {
  await writeInRun(run, async (tx) => {
    await setPullRequestsSince(tx, run.repository.id, null)
    await setPullRequestsCursor(tx, run.repository.id, null)
  })
  return sweepAll(run, plan, EVERY_GENERATION)
}

async function toKeyedPullRequests(
  run: SyncRun,
  history: HistorySource,
  page: readonly HostPullRequest[],
): Promise<KeyedPullRequest[]> {
  const byCommits = run.rules.pullRequestCommits
  const readable = byCommits ? await findReadable(run, history, page) : new Set<Sha>()
  return mapConcurrently(page, RANGES_AT_ONCE, async (pullRequest) => {
    const keys = new Set(findPullRequestKeys(pullRequest, run.rules))
    if (pullRequest.headSha !== null && readable.has(pullRequest.headSha)) {
      await addCommitKeys(run, history, { pullRequest, readable, keys })
    }
    run.progress.noteIssues(keys)
    return toKeyedPullRequest(pullRequest, [...keys])
  })
}

/**
 * Heads and merge commits that can be read. Heads that no branch reaches (of forks, squashed, declined) are fetched for
 * it, in whatever state: else it would depend on what an earlier run left in the mirror which issues are linked.
 */
async function findReadable(run: SyncRun, history: HistorySource, page: readonly HostPullRequest[]): Promise<ReadonlySet<Sha>> {
  const named = page.flatMap(({ headSha, mergeCommitSha }) => [headSha, mergeCommitSha].filter((sha) => sha !== null))
  const known = await history.findKnown([...new Set(named)])
  const absent = new Map(
    page.flatMap(({ number, headSha }) => (headSha !== null && !known.has(headSha) ? [[number, headSha] as const] : [])),
  )
  if (absent.size === 0) return known
  const fetched = await history.fetchHeads(absent, run.signal)
  return new Set([...known, ...fetched.values()])
}

/** Adds keys of the commits that a pull request brings: those not on its target branch, or not there before its merge. */
async function addCommitKeys(
  run: SyncRun,
  history: HistorySource,
  { pullRequest, readable, keys }: { pullRequest: HostPullRequest; readable: ReadonlySet<Sha>; keys: Set<IssueKey> },
): Promise<void> {
  const { headSha, mergeCommitSha, targetBranch } = pullRequest
  if (headSha === null) return
  const target = history.branches.find(({ name }) => name === targetBranch)?.head
  const base = mergeCommitSha !== null && readable.has(mergeCommitSha) ? (`${mergeCommitSha}^1` as const) : target
  if (base === undefined) return
  for await (const commits of history.readCommits({ include: [headSha], exclude: [base] }, run.signal)) {
    for (const commit of commits) {
      for (const key of findCommitKeys(commit.message, run.rules)) {
        if (keys.size >= MAX_KEYS_PER_PULL_REQUEST) return
        keys.add(key)
      }
    }
  }
}

/** A pull request as it is stored. */
export function toKeyedPullRequest(pullRequest: HostPullRequest, keys: readonly IssueKey[]): KeyedPullRequest {
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
    author: {
      name: text(pullRequest.author.name),
      email: pullRequest.author.email === null ? null : text(pullRequest.author.email),
    },
    reviewers: pullRequest.reviewers.map((reviewer) => ({ name: text(reviewer.name), state: reviewer.state })),
    commentCount: pullRequest.commentCount,
    createdAt: pullRequest.createdAt,
    updatedAt: pullRequest.updatedAt,
    keys,
  }
}
