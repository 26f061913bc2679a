import { afterEach, describe, expect, test, vi } from 'vitest'
import { holdRestoredWork } from '../../db/stores/restored-work.ts'
import { KINDS } from '../../db/test-database.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { DAY_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { RESTORED } from './restored.ts'

let story: Story
afterEach(() => story.close())

const start = async (options?: StoryOptions) => {
  // No Jira is connected: what waits stays as it was recorded.
  story = await startStory({ jira: false, connector: { settings: { deliver: true } }, ...options })
  return story
}

/** `line: state, code of the reason` of what is recorded, in the order of execution. */
async function recorded({ app, stored }: Story, project?: Project): Promise<string[]> {
  let select = app.db.read.selectFrom('smart_commits').select(['lines', 'state', 'problem']).orderBy('id')
  if (project !== undefined) select = select.where('repository_id', '=', Number((await stored(project)).id))
  return (await select.execute()).map(({ lines, state, problem }) => {
    const { code } = problem === null ? { code: null } : (JSON.parse(problem) as { code: string })
    return `${lines}: ${state}${code === null ? '' : `, ${code}`}`
  })
}

describe.each(KINDS)('on %s', { timeout: 60_000 }, (kind) => {
  test('a first import records nothing; what is pushed afterwards is recorded in its order, once', async () => {
    const s = await start({ kind })
    const shop = await s.project('shop', ['SHOP-1 #comment of the past'])
    await s.sweep()
    await vi.waitFor(async () => expect(await s.branches(shop)).toEqual(['main']), { timeout: 20_000 })
    await vi.waitFor(async () => expect((await s.stored(shop)).sync.state).toBe('idle'), { timeout: 20_000 })

    await s.push(shop, 'main', [
      'SHOP-1 #comment one',
      'SHOP-2 no command',
      'words\n\nSHOP-3 #close\nmore words\nSHOP-4 #time 1h',
    ])
    await s.push(shop, 'topic', ['SHOP-5 #comment on another branch'])
    await s.sync(shop)
    await vi.waitFor(async () => expect(await s.branches(shop)).toEqual(['main', 'topic']), { timeout: 20_000 })
    await vi.waitFor(async () => expect((await s.stored(shop)).sync.state).toBe('idle'), { timeout: 20_000 })

    const expected = [
      'SHOP-1 #comment one: found',
      'SHOP-3 #close\nSHOP-4 #time 1h: found',
      'SHOP-5 #comment on another branch: found',
    ]
    expect(await recorded(s, shop)).toEqual(expected)
    const actions = await s.app.db.read.selectFrom('smart_commit_actions').select(['issue_key', 'name', 'argument']).execute()
    expect(actions).toContainEqual({ issue_key: 'SHOP-4', name: 'time', argument: '1h' })
    await s.sync(shop)
    await vi.waitFor(async () => expect((await s.stored(shop)).sync.state).toBe('idle'), { timeout: 20_000 })
    expect(await recorded(s, shop)).toEqual(expected)
  })
})

test('the author, the time and the offset are kept', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()

  const [sha] = await s.push(shop, 'main', ['SHOP-1 #comment one'])
  await s.sync(shop)

  const row = await s.app.db.read.selectFrom('smart_commits').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ sha, author_name: 'Ann Ember', author_email: 'ann@example.com', offset_minutes: 0 })
})

test('with smart commits off nothing is recorded, and switching them on later does not bring it back', async () => {
  const s = await start({ account: { smartCommits: false } })
  const shop = await s.project('shop', ['begin'])
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-1 #comment unheard'])
  await s.sync(shop)

  await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ smart_commits: 1 }).execute())
  await s.push(shop, 'main', ['SHOP-2 #comment heard'])
  await s.sync(shop)

  expect(await recorded(s)).toEqual(['SHOP-2 #comment heard: found'])
})

test('what a full synchronisation meets first is skipped, and says so', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()

  await s.push(shop, 'main', ['SHOP-1 #comment one'])
  await s.sync(shop, 'full')

  expect(await recorded(s)).toEqual(['SHOP-1 #comment one: skipped, smart-commit-full-sync'])
})

test('what was written longer ago than the limit is skipped, and says so', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()

  await s.push(shop, 'old', ['SHOP-1 #comment old'])
  s.clock.advance(14 * DAY_MS + 60_000)
  await s.push(shop, 'main', ['SHOP-2 #comment new'])
  await s.sync(shop)

  expect((await recorded(s)).toSorted()).toEqual([
    'SHOP-1 #comment old: skipped, smart-commit-too-old',
    'SHOP-2 #comment new: found',
  ])
})

test('what has an author date more than a day ahead is skipped, and says so', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()

  const inHours = (hours: number) => ({ authoredAt: new Date(s.clock.now().getTime() + hours * 3_600_000) })
  await s.push(shop, 'main', ['SHOP-1 #comment soon'], inHours(23))
  await s.push(shop, 'main', ['SHOP-2 #comment far ahead'], inHours(25))
  await s.sync(shop)

  expect(await recorded(s)).toEqual([
    'SHOP-2 #comment far ahead: skipped, smart-commit-not-certainly-new',
    'SHOP-1 #comment soon: found',
  ])
})

test('after a restoration what waited and what is met first is skipped, as are its copies; what comes later is not', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-1 #comment waiting'])
  await s.sync(shop)
  const tables = new Set(['smart_commits', 'development_events'])
  await s.app.db.write('interactive', (tx) => holdRestoredWork(tx, { tables, problem: RESTORED }))

  const authoredAt = s.clock.now()
  await s.push(shop, 'main', ['SHOP-2 #comment met first'], { authoredAt })
  await s.sync(shop)
  await s.push(shop, 'copy', ['a copy\n\nSHOP-2 #comment met first'], { authoredAt })
  await s.push(shop, 'main', ['SHOP-3 #comment later'])
  await s.sync(shop)

  expect((await recorded(s)).toSorted()).toEqual([
    'SHOP-1 #comment waiting: skipped, smart-commit-restored',
    'SHOP-2 #comment met first: skipped, smart-commit-not-certainly-new',
    'SHOP-2 #comment met first: skipped, smart-commit-restored',
    'SHOP-3 #comment later: found',
  ])
})

test('an import that broke off after the commits were stored is followed by one that still finds what is new', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  await s.sweep()
  await s.push(shop, 'main', ['SHOP-1 #comment one'])
  s.gitlab.faults.add({ match: { path: /\/merge_requests\?/ }, answer: { status: 500, body: 'out of order' }, times: 20 })

  const { sync, historyComplete } = await s.sync(shop)
  expect(sync.error).not.toBeNull()
  expect(historyComplete).toBe(false)
  await s.app.db.write('interactive', async (tx) => {
    await tx.deleteFrom('smart_commits').execute()
    await tx.deleteFrom('smart_commit_fingerprints').execute()
  })
  s.gitlab.faults.clear()
  await s.push(shop, 'main', ['SHOP-2 #comment two'])
  await s.sync(shop)

  expect(await recorded(s)).toEqual(['SHOP-1 #comment one: found', 'SHOP-2 #comment two: found'])
})

test('a commit of a fork does not act before it is merged', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  const base = shop.refs.get('refs/heads/main') ?? ''
  const stranger = s.gitlab.addUser({ username: 'stranger', name: 'Stranger' })
  const elsewhere = s.gitlab.addGroup({ path: 'elsewhere' })
  s.gitlab.addMember(elsewhere, stranger, 'maintainer')
  const fork = await s.gitlab.forkProject(shop, { namespace: 'elsewhere' })
  await s.sweep()
  const [head = ''] = await s.push(fork, 'topic', ['SHOP-1 #close'], { from: base })
  await s.gitlab.openMergeRequest(shop, {
    author: stranger,
    title: 'SHOP-1 from a fork',
    sourceBranch: 'topic',
    sourceProject: fork,
  })
  await s.sync(shop)
  expect(await s.commits(shop)).toEqual(['SHOP-1 #close'])
  expect(await recorded(s)).toEqual([])

  await s.gitlab.git(shop, ['update-ref', 'refs/heads/main', head])
  await s.gitlab.noticePush(shop, s.maintainer)
  await s.sync(shop)

  expect(await recorded(s)).toEqual(['SHOP-1 #close: found'])
})

test('a cherry-pick and a rebase are not repeated, also in another repository', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  const other = await s.project('other', ['other begin'])
  await s.sweep()
  const authoredAt = s.clock.now()
  await s.push(shop, 'topic', ['SHOP-1 #comment once'])
  await s.sync(shop)
  await s.push(shop, 'main', ['unrelated'])
  // Author and author date stay, the commit is another one.
  await s.push(shop, 'main', ['SHOP-1 #comment once'], { authoredAt })
  await s.sync(shop)
  await s.push(other, 'main', ['SHOP-1 #comment once'], { authoredAt })
  await s.sync(other)

  expect(await recorded(s)).toEqual([
    'SHOP-1 #comment once: found',
    'SHOP-1 #comment once: skipped, smart-commit-executed-already',
    'SHOP-1 #comment once: skipped, smart-commit-executed-already',
  ])
})

test('a force push whose old head nobody has any more executes only what is certainly new', async () => {
  const s = await start()
  const shop = await s.project('shop', ['begin'])
  const base = shop.refs.get('refs/heads/main') ?? ''
  const [kept = ''] = await s.push(shop, 'topic', ['SHOP-1 #comment met by the first import'], { from: base })
  await s.push(shop, 'topic', ['lost'])
  await s.sweep()
  // Another node has no copy yet, and the host forgot the old head.
  const { mirrorOf } = await import('../sync/open-history.ts')
  await mirrorOf(s.app, await s.stored(shop)).discard()
  await s.push(shop, 'topic', ['SHOP-2 #comment new'], { from: kept })
  await s.gitlab.git(shop, ['reflog', 'expire', '--expire=now', '--all'])
  await s.gitlab.git(shop, ['gc', '--prune=now', '--quiet'])
  await s.sync(shop)

  expect(await recorded(s)).toEqual([
    'SHOP-1 #comment met by the first import: skipped, smart-commit-not-certainly-new',
    'SHOP-2 #comment new: found',
  ])
})
