import { afterEach, expect, test } from 'vitest'
import { addTriggerRule } from '../../db/stores/trigger-rules.ts'
import { readTriggerRuns } from '../../db/views/trigger-runs.ts'
import { ANY } from '../../domain/test-trigger.ts'
import { DAY_MS, MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'
import { dryRunTrigger } from './dry-run.ts'

const SEARCH = /\/rest\/api\/2\/search$/
/** By the query, and by the issue's number; what asks whether there is an index at all is answered. */
const ONE_ISSUE = { only: SEARCH, times: 2 }

let story: Story
afterEach(() => story.close())

const values = (jql: string) => ({
  name: 'rule',
  enabled: true,
  event: 'commit-created' as const,
  transition: 'Done',
  comment: null,
  changedBy: 'admin',
  changedAt: story.clock.now(),
  conditions: { ...ANY, jql },
})

/** A rule with a query that all issues fit, and a repository that was imported. */
async function start(jql = 'status = "To Do"') {
  story = await startStory()
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  for (const issue of story.jira.world.issues()) issue.status = 'To Do'
  await story.app.db.write('interactive', (tx) => addTriggerRule(tx, values(jql)))
  story.clock.advance(10 * MINUTE_MS)
  const push = async (message: string) => {
    await story.push(shop, 'main', [message])
    await story.sync(shop)
  }
  return { ...story, push }
}

const statusOf = (key: string) => story.jira.world.findIssue(key)?.status
const states = async () => {
  const { items } = await readTriggerRuns(story.app.db.read, { before: null, limit: 9, rule: null, issue: null, state: null })
  return items.map(({ state }) => state)
}
const pending = async () =>
  (await story.app.db.read.selectFrom('development_events').select('id').where('state', '=', 'pending').execute()).length
async function waitUntilDone(): Promise<void> {
  await expect
    .poll(
      async () => {
        story.clock.advance(MINUTE_MS)
        await story.settle()
        return pending()
      },
      { timeout: 30_000 },
    )
    .toBe(0)
}

test('an event waits while the index of Jira is empty', async () => {
  const { jira, push } = await start()
  jira.setFault('empty-index', { only: SEARCH })

  await push('SHOP-1 work')
  expect([await pending(), statusOf('SHOP-1')]).toEqual([1, 'To Do'])

  jira.setFault('none')
  await waitUntilDone()
  expect([statusOf('SHOP-1'), await states()]).toEqual(['Done', ['done']])
})

test('an event waits while the index does not hold its issue, and keeps no other waiting', async () => {
  const { jira, push } = await start()
  jira.setFault('empty-index', ONE_ISSUE)

  await push('SHOP-1 SHOP-2 work')
  expect([await pending(), statusOf('SHOP-1'), statusOf('SHOP-2')]).toEqual([1, 'To Do', 'Done'])

  await waitUntilDone()
  expect([statusOf('SHOP-1'), await states()]).toEqual(['Done', ['done', 'done']])
})

test('an issue that the query does not find although the index holds it is over', async () => {
  const { push } = await start('status = Done')

  await push('SHOP-1 work')

  expect([await pending(), statusOf('SHOP-1'), await states()]).toEqual([0, 'To Do', []])
})

test('an issue that the index never holds is told of after two weeks', async () => {
  const { jira, push, clock } = await start()
  jira.setFault('empty-index', ONE_ISSUE)
  await push('SHOP-1 work')

  clock.advance(15 * DAY_MS)
  await waitUntilDone()

  expect([statusOf('SHOP-1'), await states()]).toEqual(['To Do', ['skipped']])
})

test('a dry run says of which issue the index cannot tell, and answers for the others', async () => {
  const { jira, push, app, signal } = await start('status = Done')
  await push('SHOP-1 SHOP-2 work')
  jira.setFault('empty-index', ONE_ISSUE)

  const { examples } = await dryRunTrigger(app, { id: '1', ...values('status = "To Do"') }, signal)

  expect(examples.map(({ outcome }) => outcome)).toEqual(['skipped', 'acts'])
  expect(examples[0]?.text).toContain('its index is behind')
})
