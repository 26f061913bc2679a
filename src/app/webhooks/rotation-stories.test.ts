import { afterEach, expect, test, vi } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import { findRotation } from '../../db/stores/webhook-secrets.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { HOUR_MS } from '../test-clock.ts'
import { rotateSecret, requestRotation } from './rotate-secret.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many real pushes each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')
const secrets = () => story.app.connections.webhookSecrets(acme, story.clock.now())
const PROJECTS = ['one', 'two', 'three']
let pushed = 0

/** Three repositories with a hook each. */
async function start(): Promise<Project[]> {
  story = await startReachableStory({ account: { webhooks: 'project' }, jira: false })
  const projects: Project[] = []
  for (const path of PROJECTS) projects.push(await story.project(path, ['begin']))
  await story.sweep()
  return projects
}

/** What pushes to each project are answered now. */
async function answersToPushes(projects: readonly Project[]): Promise<string[]> {
  story.answers.length = 0
  for (const project of projects) await story.push(project, `b${(pushed += 1)}`, ['pushed'])
  await story.gitlab.settle()
  return [...story.answers]
}

test('every hook gets the new secret, and the old one ends an hour later', async () => {
  const projects = await start()
  const [before] = await secrets()

  await requestRotation(story.app, acme)
  await story.settle()

  expect(await findRotation(story.app.db.read, acme)).toMatchObject({ done: 3, total: 3 })
  const during = await secrets()
  expect(during).toHaveLength(2)
  expect(during[1]).toBe(before)
  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])

  story.clock.advance(HOUR_MS)
  await story.settle()
  expect(await findRotation(story.app.db.read, acme)).toBeNull()
  expect(await secrets()).toEqual([during[0]])
  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])
})

test.each([0, 1, 2, 3, 4, 5])('killed after %i requests, no delivery is refused and the next run ends it', async (requests) => {
  const projects = await start()
  const [before] = await secrets()
  const stop = story.gitlab.faults.add({ match: { path: /\/hooks/ }, answer: { status: 503 }, after: requests, times: 999 })
  await requestRotation(story.app, acme)
  await expect(rotateSecret(story.app, acme, story.signal)).rejects.toThrow()
  stop()

  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])
  expect(await secrets()).toContain(before)
  await rotateSecret(story.app, acme, story.signal)

  expect(await findRotation(story.app.db.read, acme)).toMatchObject({ done: 3, total: 3 })
  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])
})

test('killed when GitLab has taken secrets of which no row tells yet, no hook is left with an unknown one', async () => {
  const projects = await start()
  await requestRotation(story.app, acme)
  let written = 0
  const write: typeof story.app.db.write = (priority, work) =>
    (written += 1) > 1 ? Promise.reject(new Error('killed')) : story.app.db.write(priority, work)
  const killed = { ...story.app, db: { ...story.app.db, write } }

  await expect(rotateSecret(killed, acme, story.signal)).rejects.toThrow('killed')
  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])
  await story.settle() // the queue starts the job again
  expect(await findRotation(story.app.db.read, acme)).toMatchObject({ done: 3, total: 3 })

  story.clock.advance(HOUR_MS)
  await story.settle()
  expect(await secrets()).toHaveLength(1)
  expect(await answersToPushes(projects)).toEqual(['stored', 'stored', 'stored'])
})

test('a second one waits for the first; after that the secret before is gone at once', async () => {
  await start()
  const stop = story.gitlab.faults.add({ match: { path: /\/hooks/ }, answer: { status: 503 }, times: 999 })
  const [first] = await secrets()
  await requestRotation(story.app, acme)
  await expect(requestRotation(story.app, acme)).rejects.toMatchObject({ code: 'webhook-rotation-running' })
  stop()
  await rotateSecret(story.app, acme, story.signal)

  await requestRotation(story.app, acme)

  expect(await secrets()).toHaveLength(2)
  expect(await secrets()).not.toContain(first)
})

test('a hook that may not be managed any more does not keep the old secret alive', async () => {
  const [one] = await start()
  if (one === undefined) throw new Error('no project')
  story.gitlab.faults.add({ match: { path: new RegExp(`/projects/${one.id}/hooks`) }, answer: { status: 403 }, times: 99 })

  await requestRotation(story.app, acme)
  await story.settle()

  expect(await findRotation(story.app.db.read, acme)).toMatchObject({ done: 2, total: 2 })
  expect((await story.stored(one)).webhook.state).toBe('polling')
})
