import { expect, test } from 'vitest'
import { describeCaller, describeCounts, describePlace, describeRename, toPlaceAddress } from './account-texts.ts'

test('a place is the address without its scheme, with the owner', () => {
  expect(describePlace({ url: 'https://git.example.com:8443/gitlab', owner: 'acme/platform', resolvedOwner: null })).toBe(
    'git.example.com:8443/gitlab/acme/platform',
  )
  expect(describePlace({ url: 'https://gitlab.com', owner: null, resolvedOwner: null })).toBe('gitlab.com')
})

test('an owner that was renamed is shown as it is called today, and said to be so', () => {
  const resolvedOwner = { kind: 'group', id: '101', path: 'acme-group' } as const
  const account = { url: 'https://gitlab.com', owner: 'acme', resolvedOwner }

  expect(describePlace(account)).toBe('gitlab.com/acme-group')
  expect(toPlaceAddress(account)).toBe('https://gitlab.com/acme-group')
  expect(describeRename(account)).toContain('acme-group')
  expect(describeRename({ ...account, owner: 'Acme-Group' })).toBeNull()
  expect(describeRename({ owner: 'acme', resolvedOwner: null })).toBeNull()
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
