import type { Problem } from '../../domain/problem.ts'
import { isReverting } from '../../domain/reverting-message.ts'
import { recordSmartCommits, type NewSmartCommit } from '../../db/stores/smart-commits.ts'
import { toKeyedCommit } from '../sync/keyed-commit.ts'
import type { HistorySource } from '../sync/history-source.ts'
import type { NewCommit, NewCommitFollower } from '../sync/read-new-commits.ts'
import { writeInRun, type SyncRun } from '../sync/sync-run.ts'
import { addExecutionJob } from './execution-job.ts'
import { AHEAD, FULL, MANY, RELINKED, REVERT, TOO_LONG, TOO_OLD, UNCERTAIN } from './reasons-to-skip.ts'
import { RESTORED } from './restored.ts'
import { readCommandLines, toNamedCommand } from './smart-commit-lines.ts'
import { toCommandFingerprints, toWholeFingerprint } from './smart-commit-fingerprint.ts'

/** People do not push more between two synchronisations; a merged history is no command. */
const MOST_WAITING = 5_000
/** Commands are kept in memory until it is known how many there are. */
const MOST_CHARACTERS = 4_000_000
const COMMITS_PER_WRITE = 200
/** Clocks are wrong by minutes and zones. A later date would make a commit new for as long as it lies ahead. */
const MOST_AHEAD_MS = 24 * 60 * 60_000

/**
 * Records new commits that command something, and with them the job that executes them. Nothing acts here: what is recorded
 * is executed once, whatever becomes of this process.
 */
export function createSmartCommitRecorder(run: SyncRun, history: HistorySource): NewCommitFollower {
  const { clock, settings } = run.app
  const now = clock.now().getTime()
  const times = { oldest: now - settings.smartCommits.maxAgeMs, newest: now + MOST_AHEAD_MS }
  let waiting: Waiting[] = []
  let characters = 0
  let tooMany = false

  return {
    async take(commits) {
      const skipped: NewSmartCommit[] = []
      for (const commit of commits) {
        const found = toSmartCommit(run, commit, times)
        if (found === null) continue
        if (found.skipped !== null) skipped.push(found)
        else if (tooMany) skipped.push(asMany(found))
        else waiting.push({ found, committedAt: commit.committedAt })
        characters += found.lines.length
      }
      if (waiting.length > MOST_WAITING || characters > MOST_CHARACTERS) {
        tooMany = true
        skipped.unshift(...waiting.map(({ found }) => asMany(found)))
        waiting = []
      }
      await save(run, history.exactRanges ? skipped : skipped.toReversed())
    },
    async end() {
      // Oldest first, also across transactions: a run that breaks off in between leaves the later ones to the next.
      // The host's API tells one branch after the other, each from its newest.
      const oldestFirst = history.exactRanges ? waiting : waiting.toReversed().sort((a, b) => a.committedAt - b.committedAt)
      await save(
        run,
        oldestFirst.map(({ found }) => found),
      )
    },
  }
}

/** In ms: between them a commit is executed. */
interface Times {
  readonly oldest: number
  readonly newest: number
}

interface Waiting {
  readonly found: NewSmartCommit
  readonly committedAt: number
}

function toSmartCommit(run: SyncRun, commit: NewCommit, { oldest, newest }: Times): NewSmartCommit | null {
  const read = readCommandLines(commit.message)
  if (read === null) return null
  const { sha, author, authoredAt, merge } = toKeyedCommit(commit, [])
  const { lines, leftOut } = read
  const commands = read.commands.map(toNamedCommand)
  const fingerprints = toCommandFingerprints({ author, authoredAt }, commands)
  const actions = commands.map((command, index) => ({ ...command, fingerprint: fingerprints[index] ?? '' }))
  const reasons: readonly (readonly [boolean, Problem])[] = [
    [run.restored, RESTORED],
    [run.relinked, RELINKED],
    [run.full, FULL],
    [!commit.certain, UNCERTAIN],
    [isReverting({ message: commit.message, merge }), REVERT],
    [authoredAt.getTime() < oldest, TOO_OLD],
    [authoredAt.getTime() > newest, AHEAD],
    [leftOut > 0, TOO_LONG],
  ]
  const skipped = reasons.find(([holds]) => holds)?.[1] ?? null
  const offsetMinutes = commit.authorOffsetMinutes
  const fingerprint = toWholeFingerprint({ author, authoredAt, lines })
  return { sha, author, authoredAt, offsetMinutes, merge, lines, fingerprint, skipped, actions }
}

const asMany = (found: NewSmartCommit): NewSmartCommit => ({ ...found, skipped: MANY })

async function save(run: SyncRun, commits: readonly NewSmartCommit[]): Promise<void> {
  for (let start = 0; start < commits.length; start += COMMITS_PER_WRITE) {
    const chunk = commits.slice(start, start + COMMITS_PER_WRITE)
    const now = run.app.clock.now().getTime()
    await writeInRun(run, async (tx) => {
      const found = await recordSmartCommits(tx, { repositoryId: run.repository.id, syncId: run.entry, now, commits: chunk })
      if (found > 0) await addExecutionJob(run.app, tx, { repositoryId: run.repository.id })
    })
  }
}
