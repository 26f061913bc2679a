import { expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { JqlError, parseJql } from './jql.ts'
import { World } from './world.ts'

function createTestWorld(): World {
  const world = new World({ users: [], clock: { ...systemClock, now: () => new Date('2026-11-22T10:00:00Z') } })
  world.addProject({ key: 'SHOP', name: 'Web shop' })
  world.addProject({ key: 'WEB', name: 'Website' })
  for (const project of ['SHOP', 'SHOP', 'SHOP', 'WEB']) world.createIssue({ project, summary: 'x' })
  return world
}

function keysOf(
  jql: string,
  { strict = true, world = createTestWorld(), now = new Date('2026-11-22T12:00:00Z') } = {},
): string[] {
  const { matches, compare } = parseJql(jql, { world, strict, now })
  return world
    .issues()
    .filter(matches)
    .sort(compare)
    .map(({ key }) => key)
}

test.each([
  ['key in (SHOP-2, "WEB-1", SHOP-1) ORDER BY key', ['SHOP-1', 'SHOP-2', 'WEB-1']],
  ['issuekey = shop-3', ['SHOP-3']],
  ['project = WEB', ['WEB-1']],
  ['project = "Web shop" AND key in (SHOP-1, WEB-1)', ['SHOP-1']],
  ['project in (SHOP) order by key desc', ['SHOP-3', 'SHOP-2', 'SHOP-1']],
  ['updated >= "2026-11-22 09:59" and project = WEB', ['WEB-1']],
  ['updated >= "2026/11/22 10:01"', []],
  ['updated >= -3h AND project = WEB', ['WEB-1']],
  ['updated >= -1h', []],
  ['(key = SHOP-1 OR (key = WEB-1)) AND (status = "to do") order by key', ['SHOP-1', 'WEB-1']],
  ['(key = SHOP-1) or (key = SHOP-2) order by key', ['SHOP-1', 'SHOP-2']],
  ['issuetype in (Nothing, "or")', []],
  ['', ['WEB-1', 'SHOP-3', 'SHOP-2', 'SHOP-1']],
])('%s', (jql, keys) => {
  expect(keysOf(jql)).toEqual(keys)
})

test('a moved issue is found under its old key', () => {
  const world = createTestWorld()
  world.moveIssue('SHOP-2', 'WEB')

  expect(keysOf('key in (SHOP-2)', { world })).toEqual(['WEB-2'])
})

test('unknown keys and projects are errors only when strict', () => {
  expect(() => keysOf('key in (SHOP-1, SHOP-99)')).toThrow("An issue with key 'SHOP-99' does not exist for field 'key'.")
  expect(() => keysOf('project = NONE')).toThrow(JqlError)
  expect(keysOf('key in (SHOP-1, SHOP-99)', { strict: false })).toEqual(['SHOP-1'])
})

test('what it does not understand is an error', () => {
  expect(() => keysOf('assignee = currentUser()', { strict: false })).toThrow("Field 'assignee' does not exist")
  expect(() => keysOf('(key = SHOP-1', { strict: false })).toThrow(JqlError)
  expect(() => keysOf('(key = SHOP-1 order by key)', { strict: false })).toThrow(JqlError)
  expect(() => keysOf('updated >= yesterday', { strict: false })).toThrow('is invalid')
})
