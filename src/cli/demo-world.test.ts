import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { initBareRepository, fastImport, type ImportedEntry } from '../sandbox/fast-import.ts'
import { createDemoWorld, type DemoWorld } from './demo-world.ts'

const AUTHOR = { name: 'Ann', email: 'ann@example.com' }

let folder = ''
let world: DemoWorld | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-demo-world-'))
})
afterEach(async () => {
  await world?.close()
  world = undefined
  await rm(folder, { recursive: true, force: true })
})

/** The demo of one repository of the user, whose commits have these messages, oldest first. */
async function startWithHistory(messages: readonly string[]): Promise<DemoWorld> {
  const own = join(folder, 'own.git')
  await initBareRepository({ folder: own, env: process.env })
  const entries = messages.map((message, index): ImportedEntry => ({
    kind: 'commit',
    ref: 'refs/heads/main',
    mark: index + 1,
    parents: index === 0 ? [] : [index],
    author: AUTHOR,
    authoredAt: new Date(Date.UTC(2026, 0, 1, index)),
    message,
  }))
  await fastImport({ folder: own, env: process.env, entries })
  const options = { folder, repositories: [own], cwd: folder, env: process.env, clock: systemClock, log: silentLogger }
  world = await createDemoWorld(options)
  return world
}

const projectKeys = ({ jira }: DemoWorld) => jira.world.projects.map(({ key }) => key)

test('the issue to open is the one that the history names most often, not the word that it names last', async () => {
  const { push, jira } = await startWithHistory([
    'PROJ-3 end',
    'PROJ-1 begin',
    'PROJ-2 go on',
    'PROJ-2 once more',
    'Use UTF-8 everywhere',
    'UTF-8 in the file names, too',
    'UTF-8, at last',
  ])

  expect(push.issue).toBe('PROJ-2')
  expect(jira.world.findIssue(push.issue)).not.toBeNull()
  expect(jira.world.findIssue('UTF-8')).toBeNull()
})

test.each([
  ['names no issue', ['Begin', 'Go on']],
  ['names a word that only looks like one', ['Use UTF-8 everywhere']],
  ['names numbers that no Jira has', ['BIG-99999999999999999999 begin', 'BIG-88888888888888888888 go on']],
  ['names one issue of a project DEMO', ['DEMO-5 begin']],
])('a history that %s gets an issue to push for', async (_, messages) => {
  const demo = await startWithHistory(messages)

  expect(projectKeys(demo)).toEqual(['DEMO'])
  expect(demo.push.issue).toBe('DEMO-1')
  expect(demo.jira.world.findIssue('DEMO-1')).not.toBeNull()
})
