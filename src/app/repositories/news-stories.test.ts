import { afterEach, expect, test } from 'vitest'
import { addTriggerRule } from '../../db/stores/trigger-rules.ts'
import { startSmartStory, type SmartStory } from '../smart-commits/test-smart-story.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { changeManyRepositories } from './change-many.ts'
import { changeRepository } from './change-repository.ts'
import { ANY } from '../../domain/test-trigger.ts'

let story: SmartStory
afterEach(() => story.close())

/** With rules that comment on what comes. */
async function start(options: Parameters<typeof startSmartStory>[0] = {}): Promise<SmartStory> {
  story = await startSmartStory(options)
  const { app, clock } = story
  const rest = { enabled: true, transition: null, conditions: ANY, changedBy: 'admin', changedAt: clock.now() }
  await app.db.write('interactive', async (tx) => {
    await addTriggerRule(tx, { ...rest, name: 'branches', event: 'branch-created', comment: 'branch' })
    await addTriggerRule(tx, { ...rest, name: 'commits', event: 'commit-created', comment: 'commit' })
  })
  clock.advance(10 * MINUTE_MS)
  return story
}

async function link(linked: boolean): Promise<void> {
  const { id } = await story.stored(story.shop)
  await changeRepository(story.app, { id, linked }, story.signal)
  await story.settle()
}

async function linkMany(linked: boolean): Promise<void> {
  const { id } = await story.stored(story.shop)
  await changeManyRepositories(story.app, { which: [id], linked, askedBy: null })
  await story.settle()
}

test.each([
  ['one', link],
  ['many', linkMany],
])(
  'what came while a repository was not linked is no news when it is linked again, as %s',
  async (_name, change) => {
    const s = await start()
    await change(false)
    await s.push(s.shop, 'SHOP-5-work', ['SHOP-6 #comment while it was not linked'])
    s.clock.advance(10 * MINUTE_MS)
    await change(true)

    expect(await s.commits(s.shop)).toEqual(['SHOP-6 #comment while it was not linked'])
    const { problem, state } = await s.app.db.read
      .selectFrom('smart_commits')
      .select(['problem', 'state'])
      .executeTakeFirstOrThrow()
    expect([state, problem]).toEqual(['skipped', expect.stringContaining('"smart-commit-relinked"')])
    expect([s.comments('SHOP-5'), s.comments('SHOP-6')]).toEqual([[], []])

    s.clock.advance(10 * MINUTE_MS)
    await s.push(s.shop, 'SHOP-7-more', ['SHOP-8 #comment afterwards'])
    await s.sync(s.shop)

    expect(s.comments('SHOP-7')).toEqual(['branch'])
    expect(s.comments('SHOP-8').toSorted()).toEqual(['afterwards', 'commit'])
    await s.executeAgain()
    expect(s.comments('SHOP-6')).toEqual(['while it was not linked'])
  },
  120_000,
)

test('the first push into a repository that was linked empty is news', async () => {
  const s = await start()
  const empty = await s.project('empty', [])
  await s.sweep()
  await s.sync(empty, 'full')
  expect(await s.states()).toEqual([])

  s.clock.advance(10 * MINUTE_MS)
  await s.push(empty, 'main', ['SHOP-4 #comment first push', 'SHOP-4 #comment second'])
  await s.sync(empty)

  expect(s.comments('SHOP-4').toSorted()).toEqual(['commit', 'commit', 'first push', 'second'])
  await s.sync(empty)
  await s.sync(empty, 'full')
  expect(s.comments('SHOP-4')).toHaveLength(4)
})

test('the history of a repository that had some, was emptied and is filled again is no news', async () => {
  const s = await start()
  const head = s.shop.refs.get('refs/heads/main') ?? ''
  const [kept = ''] = await s.push(s.shop, 'kept', ['SHOP-4 #comment once'])
  await s.sync(s.shop)
  await s.deleteBranch(s.shop, 'kept')
  await s.deleteBranch(s.shop, 'main')
  await s.sync(s.shop)
  expect(await s.branches(s.shop)).toEqual([])

  await s.app.db.write('interactive', (tx) => tx.deleteFrom('smart_commit_fingerprints').execute())
  await s.app.db.write('interactive', (tx) => tx.deleteFrom('smart_commits').execute())
  await s.gitlab.git(s.shop, ['update-ref', 'refs/heads/main', head])
  await s.gitlab.git(s.shop, ['update-ref', 'refs/heads/kept', kept])
  await s.gitlab.noticePush(s.shop, s.maintainer)
  await s.sync(s.shop)

  expect(await s.branches(s.shop)).toEqual(['kept', 'main'])
  expect(await s.states()).toEqual([])
})

test('a repository whose Git part was off at first does not execute its history when it is on', async () => {
  const s = await start()
  const hidden = await s.project('hidden', ['SHOP-4 #comment of the past'])
  hidden.access.repository = 'disabled'
  await s.sweep()
  hidden.access.repository = 'enabled'
  await s.sweep()
  await s.sync(hidden)

  expect(await s.branches(hidden)).toEqual(['main'])
  expect(await s.states()).toEqual([])
})
