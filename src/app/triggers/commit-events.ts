import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import { TRIGGER_WINDOW_MS, type DevelopmentEvent } from '../../domain/trigger.ts'
import { toKeyedCommit } from '../sync/keyed-commit.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import type { NewCommit, NewCommitFollower } from '../sync/read-new-commits.ts'
import { toRef, writeInRun, type SyncRun } from '../sync/sync-run.ts'

const EVENTS_PER_WRITE = 500
/** People do not push more between two synchronisations: the newest of a merged history are its news. */
const MOST_EVENTS = 10_000
const LONGEST_TITLE_BYTES = 1_000

/** Stores new commits that name issues as events, where a rule waits for them. null: none does. */
export function createCommitEvents(run: SyncRun): NewCommitFollower | null {
  if (!run.events.awaits('commit-created')) return null
  const links = run.connection.links
  const place = toRef(run)
  const oldest = run.app.clock.now().getTime() - TRIGGER_WINDOW_MS
  const found: DevelopmentEvent[] = []
  let leftOut = 0

  const toEvent = (commit: NewCommit): DevelopmentEvent[] => {
    const keys = findCommitKeys(commit.message, run.app.settings.issueKeys)
    // What may have been there before must not move an issue again.
    if (keys.length === 0 || !commit.certain || commit.authoredAt <= oldest) return []
    const { sha, message, author, authoredAt } = toKeyedCommit(commit, keys)
    const facts = { branch: null, targetBranch: null, environment: null, author: author.name, url: links.commit(place, sha) }
    const title = toStorableText(message.split('\n', 1)[0] ?? '', { maxBytes: LONGEST_TITLE_BYTES })
    return [{ event: 'commit-created', subject: sha, at: authoredAt, keys, facts: { ...facts, title } }]
  }
  return {
    take(commits) {
      for (const commit of commits) {
        if (found.length < MOST_EVENTS) found.push(...toEvent(commit))
        else leftOut += 1
      }
      return Promise.resolve()
    },
    async end() {
      if (leftOut > 0) {
        const { id: repositoryId } = run.repository
        run.app.log.warn({ repositoryId, leftOut }, 'rules are not told of commits that came with thousands of others')
      }
      // Oldest first, also across transactions.
      const oldestFirst = found.toReversed()
      for (let start = 0; start < oldestFirst.length; start += EVENTS_PER_WRITE) {
        const events = oldestFirst.slice(start, start + EVENTS_PER_WRITE)
        await writeInRun(run, (tx) => run.events.record(tx, () => events))
      }
    },
  }
}
