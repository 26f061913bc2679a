import { MERGE_COMMIT_CODE } from '../../db/stores/smart-commit-claims.ts'
import type { Problem } from '../../domain/problem.ts'
import { MAX_COMMANDS_PER_COMMIT } from '../../domain/smart-commit.ts'

// Why a smart commit as a whole is not executed by itself, in words for whoever wrote it and for administrators.

const BY_HAND = 'An administrator can execute it.'

/** When it is met. */
export const RELINKED: Problem = {
  code: 'smart-commit-relinked',
  message: 'It was met when the repository was linked again: it came while it was not linked.',
  remedy: BY_HAND,
}
export const FULL: Problem = {
  code: 'smart-commit-full-sync',
  message: 'It was met by a full synchronisation, which executes nothing.',
  remedy: BY_HAND,
}
export const UNCERTAIN: Problem = {
  code: 'smart-commit-not-certainly-new',
  message: 'The branches were rewritten, and whether the commit had been there before cannot be told any more.',
  remedy: BY_HAND,
}
export const AHEAD: Problem = {
  code: 'smart-commit-not-certainly-new',
  message: 'Its author date is more than a day ahead, so that its age cannot be told.',
  remedy: BY_HAND,
}
export const TOO_LONG: Problem = {
  code: 'smart-commit-too-long',
  message: `It commands more than ${MAX_COMMANDS_PER_COMMIT} changes.`,
  remedy: null,
}
export const MANY: Problem = {
  code: 'smart-commits-too-many',
  message: 'It came with thousands of others at once, as a history does that is merged or moved.',
  remedy: BY_HAND,
}
export const REVERT: Problem = {
  code: 'smart-commit-revert',
  message: 'It takes another commit back, and its message quotes what that one commanded.',
  remedy: `What the other one did in Jira is taken back there. ${BY_HAND}`,
}

/** When it is met, or when it is its turn. */
export const TOO_OLD: Problem = {
  code: 'smart-commit-too-old',
  message: 'It was written longer ago than smart commits are executed.',
  remedy: `The option smartCommits.maxAge says how long that is. ${BY_HAND}`,
}

/** When it is its turn. */
export const MERGE: Problem = {
  code: MERGE_COMMIT_CODE,
  message: 'It is a merge commit, whose message repeats what the merged commits command.',
  remedy: `The option smartCommits.mergeCommits says whether merge commits are executed. ${BY_HAND}`,
}
export const SWITCHED_OFF: Problem = {
  code: 'smart-commits-off',
  message: 'Smart commits were switched off for the repository before it was executed.',
  remedy: 'Switch them on and execute it again.',
}
export const NOT_LINKED: Problem = {
  code: 'smart-commits-off',
  message: 'The repository was not linked any more when it was to be executed.',
  remedy: 'Link it again, then execute the smart commit again.',
}
export const NO_PROJECT: Problem = {
  code: 'smart-commit-no-project',
  message: 'Jira has no project of the keys that it names.',
  remedy: null,
}

/** Of one command, as what follows. @param key of a project */
export const noProject = (key: string): Problem => ({ ...NO_PROJECT, message: `Jira has no project ${key}.` })

export const OTHER_RULES: Problem = {
  code: 'smart-commit-not-readable',
  message: 'Another version of the connector recorded it, which read commands in another way.',
  remedy: null,
}
