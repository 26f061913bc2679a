import { afterEach, expect, test } from 'vitest'
import { startStory, type Story } from '../../src/app/test-story.ts'
import { addTriggerRule } from '../../src/db/stores/trigger-rules.ts'
import { ANY } from '../../src/domain/test-trigger.ts'

let story: Story
afterEach(() => story.close())

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

async function start() {
  // No Jira is connected: what waits stays as it was recorded.
  story = await startStory({ jira: false, connector: { settings: { deliver: true } } })
  const { app, clock } = story
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  const rule = { name: 'Start', enabled: true, event: 'commit-created', transition: 'Start Progress', comment: null } as const
  await app.db.write('interactive', (tx) =>
    addTriggerRule(tx, { ...rule, conditions: ANY, changedBy: 'admin', changedAt: clock.now() }),
  )
  return shop
}

const lines = async () =>
  (await story.app.db.read.selectFrom('smart_commits').select(['lines', 'state']).orderBy('id').execute()).map(
    ({ lines: text, state }) => `${text} ${state}`,
  )

/** Pushes them at once; returns by how many bytes the heap grew meanwhile. */
async function pushAndSync(messages: readonly string[]): Promise<number> {
  const shop = await start()
  await story.push(shop, 'main', messages, { file: 'one.txt' })
  const before = process.memoryUsage().heapUsed
  await story.sync(shop)
  return process.memoryUsage().heapUsed - before
}

const MOST_BYTES = 300 * 1024 * 1024

test('of a push of 6,000 smart commits each is recorded once, in the order of the commits', async () => {
  const messages = numbers(6_000).map((number) => `SHOP-${number + 1} #comment ${number}`)

  expect(await pushAndSync(messages)).toBeLessThan(MOST_BYTES)

  expect(await lines()).toEqual(messages.map((message) => `${message} skipped`))
}, 900_000)

test('of a push of 10,500 commits each is an event once, in the order of the commits', async () => {
  expect(await pushAndSync(numbers(10_500).map((number) => `SHOP-${number + 1} work`))).toBeLessThan(MOST_BYTES)

  const events = await story.app.db.read.selectFrom('development_events').select('keys').orderBy('id').execute()
  expect(events.map(({ keys }) => keys)).toEqual(numbers(10_500).map((number) => `["SHOP-${number + 1}"]`))
}, 900_000)
