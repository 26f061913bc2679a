import { expect, test } from 'vitest'
import { toDetails, toWords } from './action-words.ts'

test.each([
  ['createAccount', 'create account'],
  ['rotateWebhookSecret', 'rotate webhook secret'],
  ['signIn', 'sign in'],
])('%s reads %s', (action, words) => {
  expect(toWords(action)).toBe(words)
})

test.each([
  [{ scope: 'read', expiresAt: null }, 'scope: read, expires at: none'],
  [{ projects: { PAY: 'off', SHOP: 'author' } }, 'projects: PAY off, SHOP author'],
  [{ anyCaseIn: ['branch', 'title'], pullRequestCommits: false }, 'any case in: branch, title, pull request commits: false'],
  [{ include: [], projects: {} }, 'include: none, projects: none'],
])('%j reads %s', (details, words) => {
  expect(toDetails(details)).toBe(words)
})
