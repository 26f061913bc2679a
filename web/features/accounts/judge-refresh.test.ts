import { expect, test } from 'vitest'
import { judgeRefresh } from './judge-refresh.ts'

const problem = { code: 'token-refused', message: 'The token was refused.', remedy: null }
const ok = { lastSync: 'a', nextSync: 'x', problem: null, state: 'ok' } as const
const broken = { ...ok, problem, state: 'needs-sign-in' } as const

test.each([
  ['nothing has happened', ok, ok, 'running'],
  ['a listing is complete', ok, { ...ok, lastSync: 'b' }, 'done'],
  ['a problem appeared', ok, broken, 'failed'],
  ['the problem of before is still there', broken, broken, 'running'],
  ['the problem of before came again', broken, { ...broken, nextSync: 'y' }, 'failed'],
  ['another problem took its place', broken, { ...broken, problem: { ...problem, message: 'Unreachable.' } }, 'failed'],
  ['the problem of before is over', broken, { ...ok, lastSync: 'b' }, 'done'],
] as const)('%s', (_, before, now, verdict) => {
  expect(judgeRefresh(before, now)).toBe(verdict)
})
