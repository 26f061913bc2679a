import { expect, onTestFinished, test } from 'vitest'
import { repositoryId } from '../domain/ids.ts'
import { startClockWatch } from './clock-watch.ts'
import { HOUR_MS, MINUTE_MS } from './test-clock.ts'
import { startStory, type Story } from './test-story.ts'

/** An hour at a time, as often; the watch looks when it wakes. */
async function wait(s: Story, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    s.clock.advance(2 * MINUTE_MS)
    await s.settle()
    s.clock.advance(HOUR_MS)
    await s.settle()
  }
}

async function startScheduled(): Promise<{ s: Story; shop: Awaited<ReturnType<Story['project']>> }> {
  const s = await startStory({ connector: { scheduled: true } })
  onTestFinished(() => s.close())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  return { s, shop }
}

test('a clock set back by a month: the schedule finds the next push within two hours', async () => {
  const { s, shop } = await startScheduled()
  s.clock.setBack(30 * 24 * HOUR_MS)
  await s.push(shop, 'main', ['SHOP-2 after'])

  await wait(s, 2)

  await expect.poll(() => s.shown('SHOP-2')?.commits, { timeout: 20_000 }).toEqual(['SHOP-2 after'])
  const rows = await s.app.db.read.selectFrom('jobs').select(['name', 'run_at']).execute()
  const ahead = rows.map(({ run_at: at }) => (at - s.clock.now().getTime()) / HOUR_MS)
  expect(Math.max(...ahead)).toBeLessThan(25)
})

test('a clock set back while Jira is away: what waited is delivered when Jira is back', async () => {
  const { s, shop } = await startScheduled()
  s.jira.setFault('unavailable')
  await s.push(shop, 'main', ['SHOP-2 meanwhile'])
  await s.sweep()
  s.jira.setFault('none')
  s.clock.setBack(5 * HOUR_MS)

  await wait(s, 1)

  await expect.poll(() => s.shown('SHOP-2')?.commits, { timeout: 20_000 }).toEqual(['SHOP-2 meanwhile'])
})

test('a clock set back while a synchronisation waits for its next try: it is tried', async () => {
  const { s, shop } = await startScheduled()
  const off = s.gitlab.faults.add({ match: { path: /\/merge_requests\?/ }, answer: { status: 500 }, times: 99 })
  await s.push(shop, 'main', ['SHOP-2 x'])
  expect((await s.sync(shop)).sync.state).toBe('retrying')
  off()
  s.clock.setBack(5 * HOUR_MS)

  await wait(s, 1)

  const readSync = async () => (await s.stored(shop)).sync
  await expect.poll(readSync, { timeout: 20_000 }).toMatchObject({ state: 'idle', error: null })
})

test('a clock set back while the connector was stopped is noticed at its start', async () => {
  const { s } = await startScheduled()
  const later = s.clock.now().getTime() + HOUR_MS
  await s.app.db.write('background', (tx) =>
    s.app.jobs.add(tx, {
      name: 'sync-repository',
      payload: { repositoryId: repositoryId('999'), trigger: 'test' },
      key: 'later',
      runAt: new Date(later),
    }),
  )
  s.clock.setBack(5 * HOUR_MS)

  const watch = await startClockWatch(s.app)
  await watch.stop()

  const row = await s.app.db.read.selectFrom('jobs').select('run_at').where('key', '=', 'later').executeTakeFirstOrThrow()
  expect(Math.abs(row.run_at - (later - 5 * HOUR_MS))).toBeLessThan(MINUTE_MS)
})

test('what time servers correct changes nothing', async () => {
  const { s } = await startScheduled()
  const due = () => s.app.db.read.selectFrom('jobs').select(['key', 'run_at']).where('key', 'like', 'sweep%').execute()
  const before = await due()
  s.clock.setBack(5_000)

  s.clock.advance(2 * MINUTE_MS)
  await s.settle()

  expect(before).not.toEqual([])
  expect(await due()).toEqual(before)
})
