import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountId, issueKey } from './ids.ts'
import { findTransitions, isBracketed, isForEvent, isForIssue, type DevelopmentEvent, type TriggerConditions } from './trigger.ts'
import { ANY } from './test-trigger.ts'

const place = { accountId: accountId('acme'), repository: 'acme/shop' }
const merged: DevelopmentEvent = {
  event: 'pull-request-merged',
  subject: '7',
  at: new Date(0),
  keys: [issueKey('SHOP-7')],
  facts: { title: 'Cart', url: null, author: 'Ann', branch: 'SHOP-7-cart', targetBranch: 'main', environment: null },
}
const ISSUE = { key: 'SHOP-7', type: 'Bug', status: 'In Progress', projectKeys: ['SHOP', 'STORE'] }
const isFor = (conditions: Partial<TriggerConditions>, happened = merged) =>
  isForEvent({ event: 'pull-request-merged', conditions: { ...ANY, ...conditions } }, { happened, place })

describe('a rule is for an event', () => {
  test('of its kind, when nothing else is asked for', () => {
    expect(isFor({})).toBe(true)
    expect(isFor({}, { ...merged, event: 'pull-request-declined' })).toBe(false)
  })

  test.each<[Partial<TriggerConditions>, boolean]>([
    [{ accounts: [accountId('acme')] }, true],
    [{ accounts: [accountId('other')] }, false],
    [{ repositories: ['other/*', 'ACME/*'] }, true],
    [{ repositories: ['acme'] }, false],
    [{ branches: ['shop-7-*'] }, true],
    [{ branches: ['main'] }, false],
    [{ targetBranches: ['main', 'release/*'] }, true],
    [{ targetBranches: ['release/*'] }, false],
    // It has no environment: whoever asks for one does not mean it.
    [{ environments: ['*'] }, false],
  ])('%j: %s', (conditions, expected) => {
    expect(isFor(conditions)).toBe(expected)
  })
})

test.each<[Partial<TriggerConditions>, boolean]>([
  [{}, true],
  [{ projects: ['SHOP'] }, true],
  [{ projects: ['SHO'] }, false],
  [{ issueTypes: ['task', 'BUG'] }, true],
  [{ issueTypes: ['Task'] }, false],
  [{ statuses: [' in progress'] }, true],
  [{ statuses: ['Done'], issueTypes: ['Bug'] }, false],
  [{ projects: ['STORE'] }, true],
  [{ projects: ['STOR', 'PAY'] }, false],
])('a rule is for an issue: %j: %s', (conditions, expected) => {
  expect(isForIssue({ ...ANY, ...conditions }, ISSUE)).toBe(expected)
})

describe('the transition that is meant', () => {
  const offered = [
    { id: '1', name: 'Resolve Issue', status: 'Done' },
    { id: '2', name: 'Close Issue', status: 'Done' },
    { id: '3', name: 'Start Progress', status: 'In Progress' },
    { id: '4', name: 'Done', status: 'Archived' },
  ]
  const ids = (wanted: string, of = offered) => findTransitions(wanted, of).map(({ id }) => id)

  test('is found by its name before its status, whatever the case', () => {
    expect(ids('resolve issue')).toEqual(['1'])
    expect(ids('Done')).toEqual(['4'])
    expect(ids('in progress')).toEqual(['3'])
  })

  test('is not clear when several lead to the status, and none when nothing does', () => {
    expect(ids('Done', offered.slice(0, 3))).toEqual(['1', '2'])
    expect(ids('Resolve')).toEqual([])
  })
})

describe('a query that can stand in brackets', () => {
  test.each([
    ['labels = x', true],
    ['(a = 1) OR b in (1, 2)', true],
    ['summary ~ ")("', true],
    [String.raw`summary ~ "a\")"`, true],
    ['a = 1) OR (b = 2', false],
    ['(a = 1', false],
    ['summary ~ "open', false],
  ])('%s: %s', (jql, expected) => {
    expect(isBracketed(jql)).toBe(expected)
  })

  test('never throws, and takes no longer than the text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof isBracketed(text) === 'boolean'))
    expect(isBracketed('"'.repeat(1_000_001))).toBe(false)
  })
})
