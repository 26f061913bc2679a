import { expect, test } from 'vitest'
import { describeCaller, describeCounts, describePlace } from './account-texts.ts'

test('a place is the address without its scheme, with the owner', () => {
  expect(describePlace({ url: 'https://git.example.com:8443/gitlab', owner: 'acme/platform' })).toBe(
    'git.example.com:8443/gitlab/acme/platform',
  )
  expect(describePlace({ url: 'https://gitlab.com', owner: null })).toBe('gitlab.com')
})

test.each([
  [{ configuredBy: 'token', managedBy: 'browser' }, 'An API token'],
  [{ configuredBy: 'Ada Lovelace', managedBy: 'browser' }, 'Ada Lovelace'],
  [{ configuredBy: 'the API token of the configuration', managedBy: 'browser' }, 'The API token of the configuration'],
  [{ configuredBy: null, managedBy: 'browser' }, 'Not recorded'],
  [{ configuredBy: null, managedBy: 'file' }, 'The configuration file'],
] as const)('%j is called %s', (account, text) => {
  expect(describeCaller(account)).toBe(text)
})

test('counts name what needs a look, and nothing that is zero', () => {
  const none = { total: 12_000, linked: 11_000, running: 0, queued: 0, failing: 0, paused: 0 }

  expect(describeCounts(none)).toBe('11,000 of 12,000 linked')
  expect(describeCounts({ ...none, running: 1, failing: 2 })).toBe('11,000 of 12,000 linked, 1 syncing, 2 failing')
})
