import { beforeEach, expect, test } from 'vitest'
import { buildJiraApp } from '../../jira/app/build-jira-app.ts'
import { systemClock } from '../../lib/clock.ts'
import { readApp } from './app/read-app.ts'
import { JqlError, parseJql } from './jql.ts'
import { World } from './world.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
let world: World

/** SHOP-1 has much, SHOP-2 little, SHOP-3 nothing, SHOP-4 something of another shape. */
beforeEach(() => {
  world = new World({ users: [], clock: { ...systemClock, now: () => NOW } })
  world.app = readApp(buildJiraApp({ version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: [] }).jar)
  world.addProject({ key: 'SHOP', name: 'Web shop' })
  for (let count = 0; count < 4; count += 1) world.createIssue({ project: 'SHOP', summary: 'x' })
  give('SHOP-1', {
    branches: 2,
    commits: 14,
    pullRequests: { open: 1, merged: 2, declined: 0 },
    builds: { successful: 3, failed: 1, inProgress: 0 },
    deployments: { environments: ['staging', 'production'] },
    lastActivity: '2026-11-22T09:58:11.000Z',
  })
  give('SHOP-2', {
    branches: 0,
    commits: 1,
    pullRequests: { open: 0, merged: 0, declined: 0 },
    builds: { successful: 0, failed: 0, inProgress: 0 },
    deployments: { environments: ['staging'] },
    lastActivity: '2026-11-01T00:00:00.000Z',
  })
  give('SHOP-4', { commits: '14', pullRequests: 3, deployments: null, lastActivity: 'never' })
})

function give(key: string, summary: unknown): void {
  world.findIssue(key)?.properties.set('dvcs-development', { summary })
}

function keysOf(jql: string): string[] {
  const { matches, compare } = parseJql(jql, { world, strict: true, now: NOW })
  return world
    .issues()
    .filter(matches)
    .sort(compare)
    .map(({ key }) => key)
}

test.each([
  ['dvcsCommits > 1', ['SHOP-1']],
  ['DVCSCOMMITS >= 1 order by key', ['SHOP-1', 'SHOP-2']],
  ['issue.property[dvcs-development].summary.commits = 14', ['SHOP-1']],
  ['dvcsOpenPullRequests = 0 AND project = SHOP', ['SHOP-2']],
  ['dvcsMergedPullRequests in (1, 2)', ['SHOP-1']],
  ['dvcsDeclinedPullRequests not in (0)', []],
  ['dvcsFailedBuilds != 0', ['SHOP-1']],
  ['dvcsBranches is empty order by key', ['SHOP-3', 'SHOP-4']],
  ['dvcsBranches is not EMPTY order by key', ['SHOP-1', 'SHOP-2']],
  ['dvcsEnvironments = "production"', ['SHOP-1']],
  ['dvcsEnvironments = Production', []],
  ['dvcsEnvironments != production', ['SHOP-2']],
  ['dvcsEnvironments in (staging) order by key', ['SHOP-1', 'SHOP-2']],
  ['dvcsLastActivity >= -7d', ['SHOP-1']],
  ['dvcsLastActivity < "2026-11-22 09:58"', ['SHOP-2']],
  ['project = SHOP order by dvcsLastActivity desc', ['SHOP-1', 'SHOP-2', 'SHOP-3', 'SHOP-4']],
  ['project = SHOP order by dvcsCommits', ['SHOP-2', 'SHOP-1', 'SHOP-3', 'SHOP-4']],
])('%s', (jql, keys) => {
  expect(keysOf(jql)).toEqual(keys)
})

test.each([
  ['dvcsCommits > many', "The value 'many' for field 'dvcsCommits' is not a number."],
  ['dvcsLastActivity > yesterday', "Date value 'yesterday' for field 'dvcsLastActivity' is invalid"],
  ['dvcsEnvironments > staging', "The operator '>' is not supported by the 'dvcsEnvironments' field."],
  ['dvcsBranches is 3', 'takes EMPTY or NULL'],
  ['issue.property[dvcs-development].summary.unknown = 1', 'does not exist'],
  ['issue.property[other].summary.commits = 1', 'does not exist'],
  ['key != SHOP-1', "Field 'key' does not exist"],
])('refuses %s', (jql, why) => {
  expect(() => keysOf(jql)).toThrow(JqlError)
  expect(() => keysOf(jql)).toThrow(why)
})

test('without the app its names mean nothing', () => {
  world.app = null

  expect(() => keysOf('dvcsCommits > 1')).toThrow("Field 'dvcsCommits' does not exist")
})
