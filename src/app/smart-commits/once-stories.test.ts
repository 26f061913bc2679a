import { afterEach, describe, expect, test, vi } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { DAY_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'

let story: Story
afterEach(() => story.close())

/** `line: state, code of the reason (what became of its commands)` of what is recorded, in order. */
async function recorded({ app }: Story): Promise<string[]> {
  const commits = await app.db.read
    .selectFrom('smart_commits')
    .select(['id', 'lines', 'state', 'problem'])
    .orderBy('id')
    .execute()
  const actions = await app.db.read
    .selectFrom('smart_commit_actions')
    .select(['smart_commit_id', 'state'])
    .orderBy('id')
    .execute()
  return commits.map(({ id, lines, state, problem }) => {
    const { code } = problem === null ? { code: null } : (JSON.parse(problem) as { code: string })
    const own = actions.filter((action) => action.smart_commit_id === id).map((action) => action.state)
    return `${lines}: ${state}${code === null ? '' : `, ${code}`} (${own.join(' ')})`
  })
}

describe.each(KINDS)('on %s', { timeout: 90_000 }, (kind) => {
  const start = async (options: StoryOptions = {}) => {
    // No Jira is connected: what waits stays as it was recorded.
    story = await startStory({ kind, jira: false, connector: { settings: { deliver: true } }, ...options })
    return story
  }
  const idle = (project: Project) =>
    vi.waitFor(async () => expect((await story.stored(project)).sync.state).toBe('idle'), { timeout: 30_000 })
  const firstImport = async (project: Project) => {
    await story.sweep()
    await vi.waitFor(async () => expect((await story.stored(project)).historyComplete).toBe(true), { timeout: 30_000 })
    await idle(project)
  }
  const sync = async (project: Project, mode: 'soft' | 'full' = 'soft') => {
    await story.sync(project, mode)
    await idle(project)
  }
  /** A rebase of `topic`: author, author date and message stay. */
  const rebase = async (project: Project, message: string, authoredAt: Date) => {
    await story.push(project, 'main', ['a new base'])
    const from = project.refs.get('refs/heads/main') ?? null
    await story.push(project, 'topic', [message], { authoredAt, from })
  }

  test('what the first import met is not executed when it is rebased, nor in another repository', async () => {
    const s = await start()
    const shop = await s.project('shop', ['begin'])
    const fork = await s.project('fork', ['other begin'])
    const authoredAt = s.clock.now()
    await s.push(shop, 'topic', ['SHOP-1 #time 2h'], { authoredAt })
    await firstImport(shop)
    await idle(fork)
    expect(await recorded(s)).toEqual([])

    s.clock.advance(DAY_MS)
    await rebase(shop, 'SHOP-1 #time 2h', authoredAt)
    await sync(shop)
    await s.push(fork, 'main', ['a cherry-pick\n\nSHOP-1 #time 2h\nSHOP-2 #close'], { authoredAt })
    await sync(fork)

    expect(await recorded(s)).toEqual([
      'SHOP-1 #time 2h: skipped, smart-commit-not-certainly-new (found)',
      'SHOP-1 #time 2h\nSHOP-2 #close: found (skipped found)',
    ])
  })

  test('what came while smart commits were off is not executed by a copy that comes when they are on', async () => {
    const s = await start({ account: { smartCommits: false } })
    const shop = await s.project('shop', ['begin'])
    await firstImport(shop)
    const authoredAt = s.clock.now()
    await s.push(shop, 'topic', ['SHOP-1 #comment unheard'], { authoredAt })
    await sync(shop)

    await s.app.db.write('interactive', (tx) => tx.updateTable('repositories').set({ smart_commits: 1 }).execute())
    await rebase(shop, 'SHOP-1 #comment unheard', authoredAt)
    await s.push(shop, 'main', ['SHOP-2 #comment heard'])
    await sync(shop)

    expect((await recorded(s)).toSorted()).toEqual([
      'SHOP-1 #comment unheard: skipped, smart-commit-not-certainly-new (found)',
      'SHOP-2 #comment heard: found (found)',
    ])
  })

  test('what a full synchronisation met first is not executed by a copy', async () => {
    const s = await start()
    const shop = await s.project('shop', ['begin'])
    await firstImport(shop)
    const authoredAt = s.clock.now()
    await s.push(shop, 'topic', ['SHOP-1 #comment one'], { authoredAt })
    await sync(shop, 'full')

    await rebase(shop, 'SHOP-1 #comment one', authoredAt)
    await sync(shop)

    expect(await recorded(s)).toEqual([
      'SHOP-1 #comment one: skipped, smart-commit-full-sync (found)',
      'SHOP-1 #comment one: skipped, smart-commit-not-certainly-new (found)',
    ])
  })

  test('a commit that is amended by a command executes that one alone', async () => {
    const s = await start()
    const shop = await s.project('shop', ['begin'])
    await firstImport(shop)
    const authoredAt = s.clock.now()
    const from = shop.refs.get('refs/heads/main') ?? null
    await s.push(shop, 'topic', ['SHOP-5 #time 2h'], { authoredAt })
    await sync(shop)

    await s.push(shop, 'topic', ['SHOP-5 #time 2h\n\nSHOP-5 #comment forgot'], { authoredAt, from })
    await sync(shop)

    expect(await recorded(s)).toEqual([
      'SHOP-5 #time 2h: found (found)',
      'SHOP-5 #time 2h\nSHOP-5 #comment forgot: found (skipped found)',
    ])
  })
})

test('a first import remembers only what is young enough to be executed, over the API too', async () => {
  story = await startStory({
    jira: false,
    gitlab: { features: { partialClone: false } },
    connector: { settings: { deliver: true, fullCloneLimitBytes: 0 } },
  })
  const s = story
  const shop = await s.project('shop', ['SHOP-1 #comment old'])
  await s.push(shop, 'old', ['SHOP-2 #comment old too'])
  s.clock.advance(15 * DAY_MS)
  await s.push(shop, 'main', ['SHOP-3 #comment young\nSHOP-4 #close'])
  await s.sweep()

  const rows = await s.app.db.read.selectFrom('smart_commit_fingerprints').select(['history', 'position']).execute()
  expect(rows).toEqual([
    { history: 1, position: null },
    { history: 1, position: null },
  ])
})

test('the head of a fork that a first import met is executed when it is merged', async () => {
  story = await startStory({ jira: false, connector: { settings: { deliver: true } } })
  const s = story
  const shop = await s.project('shop', ['begin'])
  const from = shop.refs.get('refs/heads/main') ?? ''
  const stranger = s.gitlab.addUser({ username: 'stranger', name: 'Stranger' })
  const elsewhere = s.gitlab.addGroup({ path: 'elsewhere' })
  s.gitlab.addMember(elsewhere, stranger, 'maintainer')
  const fork = await s.gitlab.forkProject(shop, { namespace: 'elsewhere' })
  const [head = ''] = await s.push(fork, 'topic', ['SHOP-1 #close'], { from })
  const request = { author: stranger, title: 'SHOP-1', sourceBranch: 'topic', sourceProject: fork }
  await s.gitlab.openMergeRequest(shop, request)
  await s.sweep()
  expect(await s.commits(shop)).toEqual(['SHOP-1 #close'])

  await s.gitlab.git(shop, ['update-ref', 'refs/heads/main', head])
  await s.gitlab.noticePush(shop, s.maintainer)
  await s.sync(shop)

  expect(await recorded(s)).toEqual(['SHOP-1 #close: found (found)'])
})
