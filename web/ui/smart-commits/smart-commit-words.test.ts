import { expect, test } from 'vitest'
import {
  describeAuthor,
  describeReply,
  isExecutable,
  listOpenActions,
  toWritten,
  type SmartCommitAction,
} from './smart-commit-words.ts'

test.each([
  ['resolve', '', '#resolve'],
  ['time', '2h tidied up', '#time 2h tidied up'],
])('%s is shown as it was written', (command, argument, written) => {
  expect(toWritten({ command, argument })).toBe(written)
})

test('only what failed or was skipped can be executed', () => {
  const states = ['found', 'executing', 'done', 'failed', 'skipped'] as const

  expect(states.filter((state) => isExecutable({ state }))).toEqual(['failed', 'skipped'])
})

test('what is done is not left to do', () => {
  const actions = (['done', 'failed', 'found'] as const).map((state) => ({ state, problem: null }) as SmartCommitAction)
  const problem = { code: 'smart-commit-executed-already', message: 'Already executed.', remedy: null }
  const copy = { state: 'skipped', problem } as SmartCommitAction

  expect(listOpenActions({ actions: [...actions, copy] }).map(({ state }) => state)).toEqual(['failed', 'found'])
})

test('an author without an address is a name', () => {
  expect(describeAuthor({ name: 'Ann', email: null })).toBe('Ann')
  expect(describeAuthor({ name: 'Ann', email: 'ann@example.com' })).toBe('Ann <ann@example.com>')
})

test('an answer that failed says why, one that is not asked for says nothing', () => {
  const problem = { code: 'host-refused', message: 'No.', remedy: null }

  expect(describeReply({ state: 'failed', problem })).toBe('The author was not told at the Git host: No.')
  expect(describeReply(null)).toBeNull()
})
