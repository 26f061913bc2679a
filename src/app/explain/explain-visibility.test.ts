import { afterEach, expect, test, vi } from 'vitest'
import type { Visibility } from '../../domain/explanation.ts'
import { issueKey } from '../../domain/ids.ts'
import { JIRA_APP_KEY } from '../../jira/jira-app-key.ts'
import type { SandboxUser } from '../../sandbox/jira/types.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { explainVisibility } from './explain-visibility.ts'

// Each waits for a delivery: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 })

let story: Story
afterEach(() => story.close())

const CONNECTOR: SandboxUser = {
  name: 'connector',
  displayName: 'Connector',
  emailAddress: 'connector@example.com',
  administrator: true,
  tokens: [{ token: 'jira-token' }],
}
const person = (name: string, displayName: string, more: Partial<SandboxUser> = {}): SandboxUser => ({
  name,
  displayName,
  emailAddress: `${name}@example.com`,
  ...more,
})
const USERS = [
  CONNECTOR,
  person('ann', 'Ann Ember'),
  person('anna', 'Anna Lind'),
  person('vic', 'Vic Moor'),
  person('gone', 'Gil Gone', { active: false }),
  person('bo1', 'Bo Same'),
  person('bo2', 'Bo Same'),
]
const APPS = { [JIRA_APP_KEY]: { enabled: true, version: '1.0.0' } }

/** A Jira with people and the app, and a commit that names SHOP-1 on it. */
async function startWorld(options: StoryOptions = {}): Promise<Story> {
  const s = (story = await startStory({ jiraOptions: { users: USERS }, ...options }))
  s.jira.configure({ apps: APPS })
  await s.project('shop', ['SHOP-1 a cart'])
  await s.sweep()
  await expect.poll(() => s.shown('SHOP-1')?.commits, { timeout: 20_000 }).toEqual(['SHOP-1 a cart'])
  await expect.poll(async () => told(await ask('ann', 'SHOP-1')), { timeout: 20_000 }).toContain('yes delivered')
  return s
}

const ask = (user: string, issue: string) => explainVisibility(story.app, { user, issue: issueKey(issue) }, story.signal)
const told = ({ steps }: Visibility) => steps.map(({ state, step }) => `${state} ${step}`).join(', ')
const stopped = ({ steps }: Visibility) => steps.filter(({ state }) => state !== 'yes' && state !== 'note')

test('somebody who sees the panel: every step holds', async () => {
  await startWorld()

  const visibility = await ask('ann', 'SHOP-1')

  expect(visibility.visible).toBe('yes')
  expect(told(visibility)).toBe(
    'yes jira, yes issue, yes project, yes stored, yes delivered, note delivered, yes person, yes permission, yes permission, yes jira-app',
  )
  expect(visibility.steps.map(({ text }) => text)).toContain('ann has View Development Tools on SHOP-1.')
})

test('a person is found by e-mail address and by full name, however it is written', async () => {
  await startWorld()

  for (const user of ['ANN@example.com', 'ann ember']) {
    expect((await ask(user, 'SHOP-1')).steps.map(({ text }) => text)).toContain('Ann Ember (ann) is an active user of Jira.')
  }
})

test('who may browse and not see development tools is told what to grant', async () => {
  const s = await startWorld()
  const shop = s.jira.world.findProject('SHOP')
  if (shop === null) throw new Error('no project')
  shop.members = { administrators: ['connector'], viewers: ['vic'] }

  expect(stopped(await ask('vic', 'SHOP-1'))).toEqual([
    expect.objectContaining({ step: 'permission', text: 'vic lacks View Development Tools on SHOP-1.' }),
  ])
  const ann = await ask('ann', 'SHOP-1')
  expect(ann.visible).toBe('no')
  expect(stopped(ann).map(({ text }) => text)).toEqual([
    'ann lacks Browse Projects on SHOP-1.',
    'ann lacks View Development Tools on SHOP-1.',
  ])
  expect(stopped(ann)[0]?.remedy).toContain('permission scheme')
})

test.each([
  ['nobody', 'Jira has no user whose name, e-mail address or full name is "nobody".'],
  ['gone', 'Gil Gone (gone) is deactivated in Jira.'],
  ['Bo Same', 'Several users of Jira are called "Bo Same": bo1, bo2.'],
])('a person who cannot see anything: %s', async (user, text) => {
  await startWorld()

  const visibility = await ask(user, 'SHOP-1')

  expect(visibility.visible).toBe('no')
  expect(stopped(visibility)[0]).toMatchObject({ step: 'person', text, remedy: expect.any(String) })
})

test('the Jira app that is missing, and the one that is disabled', async () => {
  const s = await startWorld()

  s.jira.configure({ apps: {} })
  expect(stopped(await ask('ann', 'SHOP-1'))).toMatchObject([{ step: 'jira-app', remedy: expect.stringContaining('jira-app') }])
  s.jira.configure({ apps: { [JIRA_APP_KEY]: { enabled: false, version: '1.0.0' } } })
  expect(stopped(await ask('ann', 'SHOP-1'))).toMatchObject([{ text: 'The Jira app 1.0.0 is disabled.' }])
})

test("what Jira does not tell the connector's user is unknown, not a failure", async () => {
  await startWorld({ jiraOptions: { users: [{ ...CONNECTOR, administrator: false }, ...USERS.slice(1)] } })

  const visibility = await ask('ann', 'SHOP-1')

  expect(visibility.visible).toBe('unknown')
  expect(visibility.steps.at(-1)).toMatchObject({
    state: 'note',
    step: 'jira-app',
    remedy: expect.stringContaining('Manage apps'),
  })
})

test('an issue that Jira does not have, and one that nothing names', async () => {
  await startWorld()

  expect(told(await ask('ann', 'SHOP-999'))).toBe('yes jira, no issue, yes project, no stored')
  expect(told(await ask('ann', 'SHOP-2'))).toMatch(/^yes jira, yes issue, yes project, no stored, yes person/)
})

test('a Jira that does not answer ends it, and one that is not connected', async () => {
  const s = await startWorld()
  s.jira.setFault('disconnected')

  const visibility = await ask('ann', 'SHOP-1')

  expect([visibility.visible, told(visibility)]).toEqual(['no', 'no jira'])
  expect(visibility.steps[0]?.remedy).toEqual(expect.any(String))
  expect(await explainVisibility({ ...s.app, jira: null }, { user: 'ann', issue: issueKey('SHOP-1') }, s.signal)).toMatchObject({
    visible: 'no',
    steps: [{ step: 'jira', text: 'No Jira is connected.' }],
  })
})
