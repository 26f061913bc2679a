import { afterEach, expect, test } from 'vitest'
import { beginSync } from '../../db/stores/sync-state.ts'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { startStory, type Story } from '../test-story.ts'
import { syncJobKey } from './request-sync.ts'

let story: Story
afterEach(() => story.close())

test('a repository that ends the process in every try is paused with the reason, and can be asked for again', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)

  await s.app.db.write('interactive', async (tx) => {
    await beginSync(tx, id, { trigger: 'test', now: s.clock.now().getTime() })
    await s.app.jobs.add(tx, { name: 'sync-repository', payload: { repositoryId: id, trigger: 'test' }, key: syncJobKey(id) })
    await tx.updateTable('jobs').set({ attempts: 25 }).where('key', '=', syncJobKey(id)).execute()
  })
  await s.settle()

  expect((await s.stored(shop)).sync).toMatchObject({ state: 'paused', retryAt: null, error: { code: 'job-died' } })
  expect((await listSyncs(s.app.db.read, id, { before: null, limit: 1 }))[0]).toMatchObject({
    outcome: 'failed',
    error: { code: 'job-died' },
  })
  expect((await s.sync(shop)).sync).toMatchObject({ state: 'idle', error: null })
})
