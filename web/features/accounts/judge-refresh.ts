import type { AccountJson } from '../../../src/contract/account.ts'

type Seen = Pick<AccountJson, 'lastSync' | 'nextSync' | 'problem' | 'state'>

/** What became of a refresh that was asked for when the account was `before`. */
export function judgeRefresh(before: Seen, now: Seen): 'running' | 'done' | 'failed' {
  if (now.lastSync !== before.lastSync) return 'done'
  if (now.problem === null) return 'running'
  const isNew = before.problem === null || before.state !== now.state || before.problem.message !== now.problem.message
  // The same failure again: the time of the next try tells that this one is over.
  return isNew || before.nextSync !== now.nextSync ? 'failed' : 'running'
}
