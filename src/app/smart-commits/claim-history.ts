import { claimHistory } from '../../db/stores/smart-commit-claims.ts'
import { toKeyedCommit } from '../sync/keyed-commit.ts'
import type { HistorySource, ReadCommit } from '../sync/history-source.ts'
import type { NewCommitFollower } from '../sync/read-new-commits.ts'
import { writeInRun, type SyncRun } from '../sync/sync-run.ts'
import { readCommandLines, toNamedCommand } from './smart-commit-lines.ts'
import { toCommandFingerprints } from './smart-commit-fingerprint.ts'

const COMMANDS_PER_WRITE = 1_000

/**
 * Remembers what the commits of a first import command, as far as they are young enough to be executed: others may have
 * done it, such as Jira's built-in connector, so that a copy that comes later is no news. Read once more, but only the young
 * ones: 0.1 s for a history of 100,000 commits with 2,000 of the last two weeks.
 */
export async function claimYoungHistory(run: SyncRun, history: HistorySource): Promise<void> {
  const claims = createHistoryClaims(run)
  // Nobody commits before it was written: where clocks are right, no young one is left out.
  const range = { include: 'all', exclude: [], committedSince: toOldest(run) } as const
  for await (const commits of history.readCommits(range, run.signal)) await claims.take(commits)
  await claims.end()
}

/** The same for commits that come while smart commits are off: switched on later, copies of them do nothing either. */
export function createHistoryClaims(run: SyncRun): NewCommitFollower & { take(commits: readonly ReadCommit[]): Promise<void> } {
  const oldest = toOldest(run)
  return {
    async take(commits) {
      run.signal.throwIfAborted()
      await save(
        run,
        commits.filter(({ authoredAt }) => authoredAt >= oldest).flatMap((commit) => toClaims(commit)),
      )
    },
    end: () => Promise.resolve(),
  }
}

const toOldest = ({ app: { clock, settings } }: SyncRun) => clock.now().getTime() - settings.smartCommits.maxAgeMs

type Claim = Parameters<typeof claimHistory>[1]['commands'][number]

function toClaims(commit: ReadCommit): Claim[] {
  const read = readCommandLines(commit.message)
  if (read === null) return []
  const { sha, author, authoredAt } = toKeyedCommit(commit, [])
  const commands = read.commands.map(toNamedCommand)
  return toCommandFingerprints({ author, authoredAt }, commands).map((fingerprint) => ({ sha, fingerprint }))
}

async function save(run: SyncRun, claims: readonly Claim[]): Promise<void> {
  const now = run.app.clock.now().getTime()
  for (let start = 0; start < claims.length; start += COMMANDS_PER_WRITE) {
    const commands = claims.slice(start, start + COMMANDS_PER_WRITE)
    await writeInRun(run, (tx) => claimHistory(tx, { repositoryId: run.repository.id, now, commands }))
  }
}
