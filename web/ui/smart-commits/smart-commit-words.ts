import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import type { Tone } from '../state-lozenge.tsx'

export type SmartCommitState = SmartCommitJson['state']
export type SmartCommitAction = SmartCommitJson['actions'][number]

export const SMART_COMMIT_STATES: Readonly<Record<SmartCommitState, { readonly label: string; readonly tone: Tone }>> = {
  found: { label: 'Waiting', tone: 'neutral' },
  executing: { label: 'Executing', tone: 'information' },
  done: { label: 'Done', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
  skipped: { label: 'Skipped', tone: 'warning' },
}

/** A command as it was written, such as `#time 2h tidied up`. */
export const toWritten = ({ command, argument }: Pick<SmartCommitAction, 'command' | 'argument'>) =>
  `#${command} ${argument}`.trim()

/** What a person can have executed: nothing of it is under way, and something is left to do. */
export const isExecutable = ({ state }: Pick<SmartCommitJson, 'state'>) => state === 'failed' || state === 'skipped'

/** What is left to do of it: neither it nor a copy of it did it. */
export const listOpenActions = ({ actions }: Pick<SmartCommitJson, 'actions'>) =>
  actions.filter(({ state, problem }) => state !== 'done' && problem?.code !== 'smart-commit-executed-already')

/** Ann Ember <ann@example.com> */
export function describeAuthor({ name, email }: SmartCommitJson['commit']['author']): string {
  return email === null ? name : `${name} <${email}>`
}

/** What has become of the answer to the author; null: none is asked for. */
export function describeReply(reply: SmartCommitJson['reply']): string | null {
  switch (reply?.state) {
    case 'waiting':
    case 'posting':
      return 'The author will be told at the Git host.'
    case 'posted':
      return 'The author was told at the Git host.'
    case 'failed':
      return `The author was not told at the Git host: ${reply.problem?.message ?? 'the reason was not recorded.'}`
    default:
      return null
  }
}
