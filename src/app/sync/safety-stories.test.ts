import { afterEach, expect, test } from 'vitest'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { cancelRepositorySync, requestRepositorySync } from '../repositories/change-repository.ts'
import { removeRepository } from '../repositories/remove-repository.ts'
import { DAY_MS } from '../test-clock.ts'
import { readContent } from '../test-content.ts'
import { startStory, type Story } from '../test-story.ts'
import { addSyncJob, syncJobKey } from './request-sync.ts'

let story: Story
afterEach(() => story.close())

const UPLOAD_PACK = { method: 'POST', path: /git-upload-pack/ }

test('a project that took the path of another one brings nothing into its history', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 ours'])
  await s.sweep()
  s.gitlab.rename(shop, 'shop-old')
  await s.project('shop', ['SHOP-2 of another project'])
  await s.push(shop, 'main', ['SHOP-3 ours as well'])

  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 ours', 'SHOP-3 ours as well'])
  expect((await s.stored(shop)).name).toBe('acme/shop-old')
})

test.each([403, 404])('a passing %i from Git removes nothing', async (status) => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 squashed away'])
  const request = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-3', sourceBranch: 'topic' })
  await s.gitlab.mergeMergeRequest(request, { by: s.maintainer, method: 'squash' })
  await s.deleteBranch(shop, 'topic')
  await s.sweep()
  const { repositories: _, ...before } = await readContent(s.app.db.read)
  expect(await s.commits(shop)).toContain('SHOP-2 squashed away')

  const recover = s.gitlab.faults.add({ match: { path: /\.git\// }, answer: { status }, times: 99 })
  const { sync } = await s.sync(shop, 'full')
  expect(sync).toMatchObject({ state: 'paused', error: { code: status === 403 ? 'permission-missing' : 'not-found' } })
  expect(await readContent(s.app.db.read)).toMatchObject(before)

  recover()
  expect((await s.sync(shop)).sync).toMatchObject({ state: 'idle', error: null })
  expect(await s.commits(shop)).toContain('SHOP-2 squashed away')
})

/** `shop` imported, and a second run of it that hangs in Git. */
async function startHanging() {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)
  await s.push(shop, 'main', ['SHOP-2 next'])
  s.gitlab.faults.add({ match: UPLOAD_PACK, answer: 'hang', times: 1 })
  await requestRepositorySync(s.app, { id, mode: 'soft', trigger: 'test' })
  await expect.poll(async () => (await s.stored(shop)).sync.state).toBe('running')
  return { ...s, shop, id }
}

test('a run is cancelled from another node, with what was asked for meanwhile', async () => {
  const s = await startHanging()
  await requestRepositorySync(s.app, { id: s.id, mode: 'full', trigger: 'test' })

  await cancelRepositorySync(s.app, s.id, () => undefined)
  await s.settle()

  expect((await s.stored(s.shop)).sync).toMatchObject({ state: 'idle', error: { code: 'cancelled' } })
  const journal = await listSyncs(s.app.db.read, s.id, { before: null, limit: 10 })
  expect(journal.map(({ outcome }) => outcome)).toEqual(['cancelled', 'done'])
})

test('cancelled from another node, a fetch of Git ends when the run looks next, half a second later', async () => {
  const s = await startHanging()

  await cancelRepositorySync(s.app, s.id, () => undefined)
  s.clock.advance(500)

  await expect
    .poll(async () => (await s.stored(s.shop)).sync, { timeout: 20_000 })
    .toMatchObject({
      state: 'idle',
      error: { code: 'cancelled' },
    })
})

test('a synchronisation that waits for its turn is cancelled without ever running', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const { id } = await s.stored(shop)
  await s.push(shop, 'main', ['SHOP-2 next'])
  await s.app.db.write('interactive', async (tx) => {
    await addSyncJob(s.app, tx, { repositoryId: id, mode: 'full', trigger: 'never' })
    await s.app.jobs.cancel(tx, syncJobKey(id))
    // As it stands while it waits for a place.
    await s.app.jobs.add(tx, {
      name: 'sync-repository',
      payload: { repositoryId: id, trigger: 'never' },
      key: syncJobKey(id),
      runAt: new Date(s.clock.now().getTime() + DAY_MS),
    })
  })
  expect((await s.stored(shop)).sync.state).toBe('queued')

  await cancelRepositorySync(s.app, id, s.abort)
  s.clock.advance(2 * DAY_MS)
  await s.settle()

  expect((await s.stored(shop)).sync.state).toBe('idle')
  const journal = await listSyncs(s.app.db.read, id, { before: null, limit: 10 })
  expect(journal.map(({ trigger }) => trigger)).not.toContain('never')
})

test('a repository that is removed while it is synchronised leaves nothing behind', async () => {
  const s = await startHanging()

  await removeRepository(s.app, s.id, s.signal)
  await s.settle()

  for (const table of ['repositories', 'syncs', 'commits', 'commit_keys', 'branches'] as const) {
    expect(await s.app.db.read.selectFrom(table).selectAll().execute()).toEqual([])
  }
  expect(s.shown('SHOP-1')).toBeNull()
})

test('a missing repository that the token may not read does not keep the sweep from its end', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  await s.gitlab.deleteProject(shop)
  await s.sweep()
  s.clock.advance(2 * DAY_MS)
  s.gitlab.faults.add({ match: { path: new RegExp(`/projects/${shop.id}$`) }, answer: { status: 403 }, times: 9 })

  await s.sweep()

  const [account] = await s.app.db.read.selectFrom('accounts').select(['state', 'swept_at']).execute()
  expect(account?.state).toBe('ok')
  expect(s.clock.now().getTime() - (account?.swept_at ?? 0)).toBeLessThan(DAY_MS)
  expect((await s.stored(shop)).missing).toBe(true)
})
