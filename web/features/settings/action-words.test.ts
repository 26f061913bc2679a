import { expect, test } from 'vitest'
import { toWords } from './action-words.ts'

test.each([
  ['createAccount', 'create account'],
  ['rotateWebhookSecret', 'rotate webhook secret'],
  ['signIn', 'sign in'],
])('%s reads %s', (action, words) => {
  expect(toWords(action)).toBe(words)
})
