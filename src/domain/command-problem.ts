import type { Problem } from './problem.ts'
import type { SmartCommand } from './smart-commit.ts'
import { readWorkTime } from './work-duration.ts'

/** What is wrong with a command as it is written, before Jira is asked; null: nothing. */
export function findCommandProblem(command: SmartCommand): Problem | null {
  if (command.name === 'comment' && command.text.trim() === '') {
    return {
      code: 'smart-commit-comment-empty',
      message: '#comment has no text.',
      remedy:
        'Write it behind #comment in the same line: it ends at the next issue key, the next command and the end of the line.',
    }
  }
  if (command.name !== 'time' || command.time !== null) return null
  const read = readWorkTime(command.text)
  return read.kind === 'doubtful' ? read.problem : null
}
