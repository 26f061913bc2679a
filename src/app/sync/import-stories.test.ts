import { chmod, readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

/** Git makes its packs read-only, which stops everybody but root. */
async function damage(pack: string, length: number): Promise<void> {
  await chmod(pack, 0o600)
  await truncate(pack, length)
}

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  story = await startStory(options)
  return story
}

describe.each(KINDS)('on %s', { timeout: 60_000 }, (kind) => {
  test('the first import stores history, branches and merge requests, and Jira shows them', async () => {
    const { gitlab, maintainer, ...s } = await start({ kind })
    const shop = await s.project('shop', ['SHOP-1 begin', 'no key', 'SHOP-2 and SHOP-3'])
    await s.push(shop, 'SHOP-4-cart', ['SHOP-4 cart'])
    await gitlab.openMergeRequest(shop, { author: maintainer, title: 'Cart for SHOP-5', sourceBranch: 'SHOP-4-cart' })

    await s.sweep()

    await vi.waitFor(() => expect(s.shown('SHOP-5')).not.toBeNull(), { timeout: 20_000 })
    await vi.waitFor(() => expect(s.shown('SHOP-4')?.branches).toHaveLength(1), { timeout: 20_000 })
    await vi.waitFor(async () => expect((await s.stored(shop)).sync.state).toBe('idle'), { timeout: 20_000 })
    expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 and SHOP-3', 'SHOP-4 cart'])
    expect(await s.branches(shop)).toEqual(['SHOP-4-cart', 'main'])
    expect(await s.pullRequests(shop)).toEqual(['!1 OPEN: SHOP-4 SHOP-5'])
    expect(s.shown('SHOP-4')).toEqual({ commits: ['SHOP-4 cart'], branches: ['SHOP-4-cart'], pullRequests: ['!1 OPEN'] })
    expect(s.shown('SHOP-5')).toEqual({ commits: [], branches: [], pullRequests: ['!1 OPEN'] })
    expect(s.shown('SHOP-6')).toBeNull()
    expect((await s.stored(shop)).sync).toMatchObject({
      state: 'idle',
      error: null,
      progress: { commits: 4, branches: 2, pullRequests: 1 },
    })
  })

  test('a push, a force push and a deleted branch are followed', async () => {
    const s = await start({ kind })
    const shop = await s.project('shop', ['SHOP-1 begin'])
    const base = shop.refs.get('refs/heads/main') ?? ''
    await s.push(shop, 'main', ['SHOP-2 lost'])
    await s.push(shop, 'SHOP-3-topic', ['SHOP-3 topic'])
    await s.sweep()
    await vi.waitFor(async () => expect(await s.commits(shop)).toHaveLength(3), { timeout: 20_000 })
    await vi.waitFor(() => expect(s.shown('SHOP-3')?.branches).toEqual(['SHOP-3-topic']), { timeout: 20_000 })

    await s.push(shop, 'main', ['SHOP-4 instead'], { from: base })
    await s.deleteBranch(shop, 'SHOP-3-topic')
    await s.sync(shop)

    await vi.waitFor(() => expect(s.shown('SHOP-3')).toBeNull(), { timeout: 20_000 })
    await vi.waitFor(() => expect(s.shown('SHOP-4')?.commits).toEqual(['SHOP-4 instead']), { timeout: 20_000 })
    // The branch SHOP-3-topic grew from the commit that was force-pushed away.
    expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-4 instead'])
    expect(await s.branches(shop)).toEqual(['main'])
  })
})

test('a push adds its commits and no others are read again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-1 go on'])
  await s.sweep()

  await s.push(shop, 'main', ['SHOP-2 more'])
  const { sync } = await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-1 go on', 'SHOP-2 more'])
  expect(sync.progress.commits).toBe(1)
  expect(s.shown('SHOP-2')?.commits).toEqual(['SHOP-2 more'])
})

test('a force push removes the lost commits from the issues', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const [base = ''] = await s.push(shop, 'main', ['SHOP-2 kept'])
  await s.push(shop, 'main', ['SHOP-2 lost', 'SHOP-3 lost'])
  await s.sweep()

  await s.push(shop, 'main', ['SHOP-4 instead'], { from: base })
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 kept', 'SHOP-4 instead'])
  expect(s.shown('SHOP-2')?.commits).toEqual(['SHOP-2 kept'])
  expect(s.shown('SHOP-3')).toBeNull()
})

test('a deleted branch takes its own commits with it and leaves shared ones', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const [shared = ''] = await s.push(shop, 'SHOP-2-one', ['SHOP-2 shared'])
  await s.push(shop, 'SHOP-3-two', ['SHOP-3 second'], { from: shared })
  await s.push(shop, 'SHOP-2-one', ['SHOP-2 own'])
  await s.sweep()

  await s.deleteBranch(shop, 'SHOP-2-one')
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 shared', 'SHOP-3 second'])
  expect(s.shown('SHOP-2')).toEqual({ commits: ['SHOP-2 shared'], branches: [], pullRequests: [] })
})

test('deleting all commits of an issue removes its property', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.push(shop, 'topic', ['SHOP-2 alone'])
  await s.sweep()
  expect(s.shown('SHOP-2')).not.toBeNull()

  await s.deleteBranch(shop, 'topic')
  await s.sync(shop)

  expect(s.shown('SHOP-2')).toBeNull()
  expect(s.shown('SHOP-1')).not.toBeNull()
})

test('an empty repository is nothing to complain about, and its first push is met before the next listing', async () => {
  const s = await start()
  const shop = await s.project('shop')
  await s.sweep()
  expect((await s.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })

  await s.push(shop, 'main', ['SHOP-1 begin'])
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
})

test('a repository whose Git part is switched off has no history, until it is switched on again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  s.clock.advance(5 * 3_600_000)
  await s.sweep()

  s.gitlab.setFeature(shop, 'repository', 'disabled')
  await s.sweep()
  expect(await s.commits(shop)).toEqual([])
  expect(s.shown('SHOP-1')).toBeNull()
  expect((await s.stored(shop)).sync.error).toBeNull()

  s.gitlab.setFeature(shop, 'repository', 'enabled')
  await s.sweep()
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin'])
  expect(s.shown('SHOP-1')).not.toBeNull()
})

test('the panel is never empty while a full synchronisation runs beside the old data', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.push(shop, 'topic', ['SHOP-3 topic'])
  await s.sweep()
  await s.deleteBranch(shop, 'topic')
  const seen: number[] = []
  const watch = setInterval(() => {
    void s.app.db.read
      .selectFrom('commit_keys')
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
      .then(({ n }) => seen.push(Number(n)))
  }, 2)

  await s.sync(shop, 'full')
  clearInterval(watch)

  expect(Math.min(...seen)).toBeGreaterThanOrEqual(2)
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
  expect(s.jira.writes().propertiesDeleted).toBe(1)
})

test('a full synchronisation of an unchanged repository writes nothing to Jira, and all of it can be read throughout', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.push(shop, 'topic', ['SHOP-3 topic'])
  await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-4 topic', sourceBranch: 'topic' })
  await s.sweep()
  s.jira.forgetRequests()
  const seen = new Set<string>()
  const watch = setInterval(() => {
    void Promise.all([s.commits(shop), s.branches(shop), s.pullRequests(shop)]).then((read) => seen.add(JSON.stringify(read)))
  }, 10)

  await s.sync(shop, 'full')
  clearInterval(watch)

  expect([...seen]).toEqual([
    JSON.stringify([['SHOP-1 begin', 'SHOP-2 next', 'SHOP-3 topic'], ['main', 'topic'], ['!1 OPEN: SHOP-3 SHOP-4']]),
  ])
  expect(s.jira.writes()).toMatchObject({ properties: 0, propertiesDeleted: 0 })
})

test('a full synchronisation finds what the database lost', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  await s.app.db.write('interactive', async (tx) => {
    await tx.deleteFrom('commit_keys').execute()
    await tx.deleteFrom('commits').execute()
  })

  await s.sync(shop, 'full')

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
})

test('a repository of SHA-256 is imported and followed', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'], { objectFormat: 'sha256' })
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-2 next'])
  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
  const rows = await s.app.db.read.selectFrom('commits').select('sha').execute()
  expect(rows.map(({ sha }) => sha.length)).toEqual([64, 64])
})

test('a damaged mirror is thrown away and fetched again', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  const { id } = await s.stored(shop)
  const packs = join(s.dataDir, 'git', `${id}.git`, 'objects', 'pack')
  const [pack = ''] = (await readdir(packs)).filter((name) => name.endsWith('.pack'))
  await damage(join(packs, pack), 60)
  await s.push(shop, 'main', ['SHOP-3 after the damage'])

  const { sync } = await s.sync(shop)

  expect(sync).toMatchObject({ state: 'idle', error: null })
  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next', 'SHOP-3 after the damage'])
})

test('a damaged mirror and a force push at the same time lose nothing and keep nothing', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const base = shop.refs.get('refs/heads/main') ?? ''
  await s.push(shop, 'main', ['SHOP-2 lost'])
  await s.sweep()
  const { id } = await s.stored(shop)
  await s.push(shop, 'main', ['SHOP-3 instead'], { from: base })
  const packs = join(s.dataDir, 'git', `${id}.git`, 'objects', 'pack')
  for (const pack of await readdir(packs)) if (pack.endsWith('.pack')) await damage(join(packs, pack), 0)

  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-3 instead'])
  expect(s.shown('SHOP-2')).toBeNull()
})

test('another issue-key rule reads the mirror again without fetching history', async () => {
  const s = await start()
  const shop = await s.project('shop', ['SHOP-1 begin', 'SHOP-2 next'])
  await s.sweep()
  await s.app.db.write('interactive', async (tx) => {
    await tx.updateTable('repositories').set({ rules_version: 0 }).execute()
    await tx.updateTable('commit_keys').set({ issue_key: 'SHOP-9' }).where('issue_key', '=', 'SHOP-1').execute()
  })
  s.gitlab.clearRequests()

  await s.sync(shop)

  expect(await s.commits(shop)).toEqual(['SHOP-1 begin', 'SHOP-2 next'])
  const rows = await s.app.db.read.selectFrom('commit_keys').select('issue_key').orderBy('issue_key').execute()
  expect(rows).toEqual([{ issue_key: 'SHOP-1' }, { issue_key: 'SHOP-2' }])
  expect(s.gitlab.requests.filter(({ kind }) => kind === 'git').map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /acme/shop.git/info/refs?service=git-upload-pack',
    'POST /acme/shop.git/git-upload-pack',
  ])
})
