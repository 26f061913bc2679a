import type { Problem } from '../../domain/problem.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { AppContext } from '../app-context.ts'
import { MERGE, TOO_OLD } from './reasons-to-skip.ts'

/**
 * Why a commit is not executed although it was recorded for it, by what is set and what time it is when its turn comes; null:
 * it is. What was begun is brought to its end, and what a person asked for is done.
 */
export function findReasonToSkip(
  { clock, settings }: Pick<AppContext, 'clock' | 'settings'>,
  commit: Pick<SmartCommitRecord, 'merge' | 'authoredAt' | 'askedBy' | 'actions'>,
): Problem | null {
  if (commit.askedBy !== null || commit.actions.some(({ startedAt }) => startedAt !== null)) return null
  const { maxAgeMs, mergeCommits } = settings.smartCommits
  if (commit.merge && !mergeCommits) return MERGE
  return commit.authoredAt.getTime() < clock.now().getTime() - maxAgeMs ? TOO_OLD : null
}
