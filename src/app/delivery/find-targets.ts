import type { IssueKey } from '../../domain/ids.ts'
import { FORCED_CONTENT, saveIssueIdentity, UNCERTAIN_CONTENT, type DueIssue } from '../../db/stores/issues.ts'
import type { JiraIssueRef } from '../../jira/find-issues.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { isOfOneIssue, type DeliveryRound } from './delivery-round.ts'
import type { JiraConnection } from './jira-connection.ts'

/** Requests offered to the pace at once; the pace lets through what Jira carries. */
export const OFFERED_AT_ONCE = 16

/** An issue of Jira, or a key that names none, with the keys under which it is due: one write serves them all. */
export interface Target {
  /** null: not resolved to a Jira issue. */
  readonly jiraId: string | null
  /** Its key today. */
  readonly key: IssueKey
  readonly contentHash: string | null
  readonly due: readonly DueIssue[]
}

type Found = ReadonlyMap<string, JiraIssueRef>

interface Lookup {
  readonly jira: JiraConnection
  readonly due: readonly DueIssue[]
  readonly round: DeliveryRound
}

/** Looks up every key, known ones too: an issue may have moved since, and one search serves a hundred. */
export async function findTargets(app: AppContext, lookup: Lookup, signal: AbortSignal): Promise<Target[]> {
  const found = await lookUp(lookup, signal)
  const failed = new Set(lookup.round.failed().flatMap(({ due }) => due.map(({ key }) => key)))
  // After an end in the middle, keys that were not looked up stay as they are.
  const due = lookup.round.isOver() ? [] : lookup.due.filter(({ key }) => !failed.has(key))
  await saveIdentities(app, due, found)
  const groups = Map.groupBy(due, (issue) => found.get(issue.key)?.id ?? issue.jiraId ?? issue.key)
  return [...groups.values()].flatMap((same) => same.slice(0, 1).map((first) => toTarget(first, same, found)))
}

async function lookUp({ jira, due, round }: Lookup, signal: AbortSignal): Promise<Found> {
  const keys = due.map(({ key }) => key)
  try {
    return await jira.client.findIssues(keys, signal)
  } catch (error) {
    if (signal.aborted || !isOfOneIssue(error)) {
      round.noteFailure(due, error)
      return new Map()
    }
  }
  // One that Jira cannot answer for must not hide the others.
  const found = new Map<string, JiraIssueRef>()
  await mapConcurrently(due, OFFERED_AT_ONCE, async (issue) => {
    if (round.isOver()) return
    try {
      for (const [key, ref] of await jira.client.findIssues([issue.key], signal)) found.set(key, ref)
      round.noteAnswer()
    } catch (error) {
      round.noteFailure([issue], error)
    }
  })
  return found
}

async function saveIdentities(app: AppContext, due: readonly DueIssue[], found: Found): Promise<void> {
  const changed = due.flatMap((issue) => {
    const ref = found.get(issue.key)
    return ref === undefined || (ref.id === issue.jiraId && ref.key === issue.currentKey) ? [] : [{ key: issue.key, ref }]
  })
  if (changed.length === 0) return
  await app.db.write('interactive', async (tx) => {
    for (const { key, ref } of changed) await saveIssueIdentity(tx, key, { jiraId: ref.id, currentKey: ref.key })
  })
}

function toTarget(first: DueIssue, due: readonly DueIssue[], found: Found): Target {
  // A key that was looked up just now says what the issue is called today; what is stored may be older than a move.
  const fresh = due.map((issue) => found.get(issue.key)).find((issue) => issue !== undefined)
  const key = (fresh?.key as IssueKey | undefined) ?? first.currentKey ?? first.key
  // A key that Jira does not find keeps its issue: only that issue's own 404 says that it is gone.
  const jiraId = fresh?.id ?? first.jiraId
  // What was stored under another issue says nothing about this one.
  const hashes = due.map((issue) => (issue.jiraId === null || issue.jiraId === jiraId ? issue.contentHash : UNCERTAIN_CONTENT))
  // Another key of the issue may have been delivered before this one was looked up.
  const contentHash =
    hashes.find((hash) => hash === FORCED_CONTENT) ??
    hashes.find((hash) => hash === UNCERTAIN_CONTENT) ??
    hashes.find((hash) => hash !== null) ??
    null
  return { jiraId, key, contentHash, due }
}
