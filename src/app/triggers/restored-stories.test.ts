import { afterEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { addDevelopmentEvents } from '../../db/stores/development-events.ts'
import { holdRestoredWork } from '../../db/stores/restored-work.ts'
import { addTriggerRule } from '../../db/stores/trigger-rules.ts'
import { issueKey } from '../../domain/ids.ts'
import { RESTORED } from '../smart-commits/restored.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'
import { ANY } from '../../domain/test-trigger.ts'

let story: Story
afterEach(() => story.close())

/** On PostgreSQL nothing tells when all is done. */
const SOON = { timeout: 20_000 }
const statusOf = (key: string) => story.jira.world.findIssue(key)?.status
const states = async () => {
  const rows = await story.app.db.read.selectFrom('development_events').select(['keys', 'state']).orderBy('id').execute()
  return rows.map(({ keys, state }) => `${keys} ${state}`)
}

describe.each(KINDS)('rules after a restoration, on %s', { timeout: 60_000 }, (kind) => {
  test('neither what waited nor what the first synchronisation meets moves an issue; what comes then does', async () => {
    story = await startStory({ kind })
    const { app, clock } = story
    const shop = await story.project('shop', ['SHOP-1 begin'])
    await story.sweep()
    await expect.poll(async () => (await story.stored(shop)).historyComplete, SOON).toBe(true)
    for (const issue of story.jira.world.issues()) issue.status = 'To Do'
    const meet = async (message: string) => {
      clock.advance(10 * MINUTE_MS)
      await story.push(shop, 'main', [message])
      await story.sync(shop)
      await expect.poll(async () => (await story.stored(shop)).sync.state, SOON).toBe('idle')
    }
    const { id } = await story.stored(shop)
    const facts = { title: 'x', url: null, author: null, branch: 'main', targetBranch: null, environment: null }
    const waited = {
      event: 'commit-created',
      subject: 'a'.repeat(40),
      at: clock.now(),
      keys: [issueKey('SHOP-2')],
      facts,
    } as const
    await app.db.write('background', async (tx) => {
      const rule = { name: 'Start', enabled: true, event: 'commit-created', transition: 'Start Progress', comment: null } as const
      await addTriggerRule(tx, { ...rule, conditions: ANY, changedBy: 'admin', changedAt: clock.now() })
      await addDevelopmentEvents(tx, id, { events: [waited], syncId: 1, now: clock.now().getTime() })
      await holdRestoredWork(tx, { tables: new Set(['development_events']), problem: RESTORED })
    })
    expect(await states()).toEqual(['["SHOP-2"] done'])

    await meet('SHOP-3 what may have been met before')
    expect(await states()).toEqual(['["SHOP-2"] done'])
    await meet('SHOP-4 news')

    await expect.poll(() => statusOf('SHOP-4'), SOON).toBe('In Progress')
    expect([statusOf('SHOP-2'), statusOf('SHOP-3')]).toEqual(['To Do', 'To Do'])
    await expect.poll(states, SOON).toEqual(['["SHOP-2"] done', '["SHOP-4"] done'])
  })
})
