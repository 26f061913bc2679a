import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import { TRIGGER_WINDOW_MS, type DevelopmentEvent } from '../../domain/trigger.ts'
import { toKeyedCommit } from '../sync/keyed-commit.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import type { HistorySource } from '../sync/history-source.ts'
import type { NewCommit, NewCommitFollower } from '../sync/read-new-commits.ts'
import { toRef, writeInRun, type SyncRun } from '../sync/sync-run.ts'

const EVENTS_PER_WRITE = 500
/** Of a history that the host's API tells from its newest commit, which is kept in memory until the oldest is known. */
const MOST_EVENTS_OVER_API = 10_000
const LONGEST_TITLE_BYTES = 1_000

/** Stores new commits that name issues as events, where a rule waits for them. null: none does. */
export function createCommitEvents(run: SyncRun, history: Pick<HistorySource, 'exactRanges'>): NewCommitFollower | null {
  if (!run.events.awaits('commit-created')) return null
  const toEvent = createToEvent(run)
  return history.exactRanges ? recordInOrder(run, toEvent) : recordTurnedRound(run, toEvent)
}

type ToEvent = (commit: NewCommit) => DevelopmentEvent[]

function createToEvent(run: SyncRun): ToEvent {
  const links = run.connection.links
  const place = toRef(run)
  const oldest = run.app.clock.now().getTime() - TRIGGER_WINDOW_MS
  return (commit) => {
    const keys = findCommitKeys(commit.message, run.rules)
    // What may have been there before must not move an issue again.
    if (keys.length === 0 || !commit.certain || commit.authoredAt <= oldest) return []
    const { sha, message, author, authoredAt } = toKeyedCommit(commit, keys)
    const facts = { branch: null, targetBranch: null, environment: null, author: author.name, url: links.commit(place, sha) }
    const title = toStorableText(message.split('\n', 1)[0] ?? '', { maxBytes: LONGEST_TITLE_BYTES })
    return [{ event: 'commit-created', subject: sha, at: authoredAt, keys, facts: { ...facts, title } }]
  }
}

/** However many they are: a page is in memory. A run that breaks off leaves the later ones to the next. */
function recordInOrder(run: SyncRun, toEvent: ToEvent): NewCommitFollower {
  let page: DevelopmentEvent[] = []
  return {
    async take(commits) {
      for (const commit of commits) {
        page.push(...toEvent(commit))
        if (page.length < EVENTS_PER_WRITE) continue
        await save(run, page)
        page = []
      }
    },
    end: () => save(run, page),
  }
}

function recordTurnedRound(run: SyncRun, toEvent: ToEvent): NewCommitFollower {
  const found: DevelopmentEvent[] = []
  let leftOut = 0
  return {
    take(commits) {
      for (const commit of commits) {
        if (found.length < MOST_EVENTS_OVER_API) found.push(...toEvent(commit))
        else leftOut += 1
      }
      return Promise.resolve()
    },
    async end() {
      if (leftOut > 0) {
        const { id: repositoryId } = run.repository
        run.app.log.warn({ repositoryId, leftOut }, 'rules are not told of commits that came with thousands of others')
      }
      const oldestFirst = found.toReversed()
      for (let start = 0; start < oldestFirst.length; start += EVENTS_PER_WRITE)
        await save(run, oldestFirst.slice(start, start + EVENTS_PER_WRITE))
    },
  }
}

async function save(run: SyncRun, events: readonly DevelopmentEvent[]): Promise<void> {
  if (events.length > 0) await writeInRun(run, (tx) => run.events.record(tx, () => events))
}
