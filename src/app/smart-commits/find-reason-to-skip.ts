import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { AppContext } from '../app-context.ts'
import { MERGE } from './reasons-to-skip.ts'

/**
 * Why a commit is not executed although it was recorded for it, by what is set and what time it is when its turn comes; null:
 * it is. What was begun is brought to its end, and what a person asked for is done.
 */
export function findReasonToSkip(
  { settings }: Pick<AppContext, 'settings'>,
  commit: Pick<SmartCommitRecord, 'merge' | 'askedBy' | 'actions'>,
): Problem | null {
  if (commit.askedBy !== null || commit.actions.some(({ startedAt }) => startedAt !== null)) return null
  return commit.merge && !settings.smartCommits.mergeCommits ? MERGE : null
}
