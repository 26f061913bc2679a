import { readSmartCommitsOf, type SmartCommitEntry } from '../../db/views/smart-commits.ts'
import { hasSmartCommits } from '../../domain/smart-commit.ts'
import { step, type ExplainedStep } from '../../domain/explanation.ts'
import type { RepositoryId, Sha } from '../../domain/ids.ts'
import type { SmartCommitAction } from '../../domain/smart-commit-record.ts'
import type { AppContext } from '../app-context.ts'

/** What became of the commands of a commit, beside its way; none where it commands nothing. */
export async function explainSmartCommit(
  app: AppContext,
  { sha, repositoryId, message }: { sha: Sha; repositoryId: RepositoryId; message: string },
): Promise<ExplainedStep[]> {
  const recorded = await readSmartCommitsOf(app.db.read, sha)
  const own = recorded.find(({ repository }) => repository.id === repositoryId)
  if (own !== undefined) return explainRecorded(own)
  if (!hasSmartCommits(message)) return []
  const text =
    'It has commands, and none was executed: it was there before the first synchronisation ended, smart commits were off when it came, or only the head of a merge request holds it.'
  return [step('note', 'smart-commit', { text })]
}

function explainRecorded({ state, problem, actions }: SmartCommitEntry): ExplainedStep[] {
  if (state === 'skipped') {
    const remedy = problem?.remedy ?? null
    return [step('note', 'smart-commit', { text: `Its commands were not executed: ${problem?.message ?? ''}`, remedy })]
  }
  return actions.map(explainAction)
}

function explainAction({ key, name, state, summary, problem, userName }: SmartCommitAction): ExplainedStep {
  const what = `#${name} for ${key}`
  switch (state) {
    case 'done':
      return step('yes', 'smart-commit', { text: `${what} was executed for ${userName ?? 'its author'}: ${summary ?? 'done'}` })
    case 'failed':
      return step('no', 'smart-commit', {
        text: `${what} was not executed: ${problem?.message ?? 'it failed'}`,
        remedy: problem?.remedy ?? null,
      })
    case 'skipped':
      return step('note', 'smart-commit', {
        text: `${what} was not executed: ${problem?.message ?? ''}`,
        remedy: problem?.remedy ?? null,
      })
    case 'found':
    case 'executing':
      return step('waiting', 'smart-commit', { text: `${what} waits for its turn, or for Jira.` })
  }
}
