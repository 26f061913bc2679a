import { afterEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { issueKey, type Sha } from '../../domain/ids.ts'
import { toNoise } from '../../domain/noise.ts'
import { applyDeliverySettings } from '../delivery/delivery-settings.ts'
import { readDevelopmentInformation } from '../delivery/development-information.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { loadFilesOfCommit } from './commit-files.ts'
import { offerBranches } from './create-branch.ts'
import { linkByHand, takeBackLink, type LinkRequest } from './link-by-hand.ts'
import { loadFiles } from './load-files.ts'
import { refreshIssue } from './refresh-issue.ts'

const KEY = issueKey('SHOP-1')
const signal = new AbortController().signal

let story: Story | null = null
afterEach(async () => {
  await story?.close()
  story = null
})

const PANEL = { noise: toNoise([]), rules: [], branchName: '${issueKey}-${summary}', filesPerHour: 100 }

async function start(options: StoryOptions = {}): Promise<Story> {
  story = await startStory({ connector: { settings: { panel: PANEL } }, ...options })
  return story
}

const link = (s: Story, repositoryId: LinkRequest['repositoryId'], entity: string, more: Partial<LinkRequest> = {}) =>
  linkByHand(
    s.app,
    { key: KEY, action: 'link', kind: 'commit', repositoryId, entity, who: 'Ada', reason: 'forgotten', ...more },
    signal,
  )

describe('links by hand', () => {
  test('a commit without a key is shown in Jira, over full syncs, until taken back', async () => {
    const s = await start()
    const shop = await s.project('shop', ['no key here', 'SHOP-2 other'])
    await s.sweep()
    const { id } = await s.stored(shop)
    const [first = ''] = (await s.gitlab.git(shop, ['rev-list', '--reverse', 'main'])).split('\n')

    const linkId = await link(s, id, first)
    await s.settle()
    await s.sync(shop, 'full')
    expect(s.shown('SHOP-1')?.commits).toEqual(['no key here'])

    await takeBackLink(s.app, KEY, linkId)
    await s.settle()
    expect((await readDevelopmentInformation(s.app, KEY)).repositories).toEqual([])
    expect(s.shown('SHOP-1')).toBeNull()
  })

  test('a pull request follows the host, and an unlinked one is not shown', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-3 start'])
    await s.push(shop, 'topic', ['work'])
    await s.push(shop, 'SHOP-1-b', ['more work'])
    const open = (sourceBranch: string, title: string) =>
      s.gitlab.openMergeRequest(shop, { author: s.maintainer, sourceBranch, title })
    const first = await open('topic', 'No key')
    const second = await open('SHOP-1-b', 'SHOP-1 key')
    await s.sweep()
    const { id } = await s.stored(shop)

    await link(s, id, String(first.iid), { kind: 'pullRequest' })
    await link(s, id, String(second.iid), { kind: 'pullRequest', action: 'unlink', reason: 'another issue' })
    await s.settle()
    expect(s.shown('SHOP-1')?.pullRequests).toEqual([`!${first.iid} OPEN`])

    await s.gitlab.closeMergeRequest(first, s.maintainer)
    await s.sync(shop)
    expect(s.shown('SHOP-1')?.pullRequests).toEqual([`!${first.iid} DECLINED`])
  })

  test('what the repository does not have cannot be linked', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-1 x'])
    await s.sweep()
    const { id } = await s.stored(shop)

    await expect(link(s, id, 'f'.repeat(40))).rejects.toMatchObject({ code: 'commit-not-found' })
    await expect(link(s, id, '99', { kind: 'pullRequest' })).rejects.toMatchObject({ code: 'pull-request-not-found' })
    await expect(link(s, id, 'f'.repeat(40), { action: 'unlink' })).rejects.toMatchObject({ code: 'commit-not-found' })
    await expect(link(s, '99' as typeof id, 'f'.repeat(40))).rejects.toMatchObject({ code: 'repository-not-found' })
    await expect(takeBackLink(s.app, KEY, 1)).rejects.toMatchObject({ code: 'manual-link-not-found' })
    expect(await s.app.db.read.selectFrom('manual_links').select('id').execute()).toEqual([])
  })
})

describe('files', () => {
  test('of one commit are loaded when somebody opens it, once, and shown in Jira', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-1 x'])
    await s.sweep()
    const [sha] = (await s.gitlab.git(shop, ['rev-parse', 'main'])).split('\n') as [Sha]
    const request = { key: KEY, sha, repositoryId: null }

    const files = await loadFilesOfCommit(s.app, request, signal)
    await s.settle()

    expect(files).toMatchObject({ fileCount: 1, files: [{ path: 'SHOP-1-x.txt', change: 'ADDED', added: 1, removed: 0 }] })
    const again = await loadFilesOfCommit(s.app, request, signal)
    expect(again).toEqual(files)
    const [repository] = (await readDevelopmentInformation(s.app, KEY)).repositories
    expect(repository?.commits[0]).toMatchObject({ fileCount: 1, files: files.files })
    await expect(loadFilesOfCommit(s.app, { ...request, key: issueKey('SHOP-2') }, signal)).rejects.toMatchObject({
      code: 'commit-not-found',
    })
  })

  test('come by themselves for issues that Jira has, within the budget', async () => {
    const s = await start({ connector: { settings: { panel: { ...PANEL, filesPerHour: 2 } } } })
    await s.project('shop', ['SHOP-1 a', 'SHOP-2 b', 'NOPE-1 c', 'SHOP-3 d'])
    await s.sweep()
    const loaded = async () =>
      (
        await s.app.db.read
          .selectFrom('commit_files as f')
          .innerJoin('commits as c', 'c.id', 'f.commit_id')
          .select('c.message')
          .orderBy('c.authored_at', 'desc')
          .execute()
      ).map(({ message }) => message)

    await loadFiles(s.app, signal)
    await loadFiles(s.app, signal)
    expect(await loaded()).toEqual(['SHOP-3 d', 'SHOP-2 b'])

    s.clock.advance(61 * 60_000)
    await loadFiles(s.app, signal)
    await s.settle()
    await loadFiles(s.app, signal)
    expect(await loaded()).toEqual(['SHOP-3 d', 'SHOP-2 b', 'SHOP-1 a'])
    const waiting = s.app.db.read.selectFrom('issues').select('issue_key').whereRef('files_version', '<', 'version')
    expect((await waiting.where('jira_id', 'is not', null).execute()).length).toBe(0)
  })

  test.each(KINDS)('are asked for again a day after the host refused, on %s', async (kind) => {
    const s = await start({ kind })
    const shop = await s.project('shop', ['SHOP-1 a', 'SHOP-2 b'])
    await s.sweep()
    await expect.poll(async () => (await s.stored(shop)).historyComplete, { timeout: 20_000 }).toBe(true)
    await expect.poll(() => s.shown('SHOP-2')?.commits, { timeout: 20_000 }).toEqual(['SHOP-2 b'])
    const counts = async () =>
      (await s.app.db.read.selectFrom('commit_files').select('file_count').orderBy('commit_id').execute()).map((row) =>
        row.file_count === null ? null : Number(row.file_count),
      )
    s.gitlab.faults.add({ match: { path: /\/repository\/commits\/\w+\/diff/ }, answer: { status: 403 }, times: 2 })
    await loadFiles(s.app, signal)
    expect(await counts()).toEqual([null, null])

    s.clock.advance(23 * 60 * 60_000)
    await loadFiles(s.app, signal)
    expect(await counts()).toEqual([null, null])
    s.clock.advance(2 * 60 * 60_000)
    await loadFiles(s.app, signal)
    expect(await counts()).toEqual([1, 1])
  })

  test('are not asked for again at once where the host refuses, and nothing stops', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-1 a', 'SHOP-2 b'])
    await s.sweep()
    const [newest = ''] = (await s.gitlab.git(shop, ['rev-list', 'main'])).split('\n')
    s.gitlab.faults.add({ match: { path: new RegExp(`/repository/commits/${newest}/diff`) }, answer: { status: 403 } })

    await loadFiles(s.app, signal)

    const rows = await s.app.db.read.selectFrom('commit_files').select('file_count').orderBy('commit_id').execute()
    expect(new Set(rows.map(({ file_count }) => file_count))).toEqual(new Set([1, null]))
  })
})

describe('refresh', () => {
  test('looks again at the repositories of the issue, once within ten seconds', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-1 a'])
    await s.project('tools', ['SHOP-2 b'])
    await s.sweep()
    await s.push(shop, 'main', ['SHOP-1 unnoticed'], { notice: false })
    s.clock.advance(60_000)
    const before = (await readDevelopmentInformation(s.app, KEY)).asOf

    expect(await refreshIssue(s.app, KEY, 'token')).toBe(1)
    await s.settle()

    const after = await readDevelopmentInformation(s.app, KEY)
    expect(after.summary.commits).toBe(2)
    expect(Date.parse(after.asOf)).toBeGreaterThan(Date.parse(before))
    const syncs = () => s.app.db.read.selectFrom('syncs').select('id').execute()
    const count = (await syncs()).length
    expect(await refreshIssue(s.app, KEY, 'token')).toBe(1)
    await s.settle()
    expect((await syncs()).length).toBe(count)
    expect(await refreshIssue(s.app, issueKey('SHOP-9'), 'token')).toBe(0)
  })
})

describe('create branch', () => {
  test('is offered where the issue has something, named after it', async () => {
    const s = await start()
    const shop = await s.project('shop', ['SHOP-1 a'])
    const tools = await s.project('tools', ['b'])
    await s.sweep()
    const issue = s.jira.world.findIssue(KEY)
    if (issue !== null) issue.summary = 'Fix the cart: now!'

    const offer = await offerBranches(s.app, { key: KEY, repositoryId: null }, signal)
    const chosen = await offerBranches(s.app, { key: KEY, repositoryId: (await s.stored(tools)).id }, signal)
    const recent = await offerBranches(s.app, { key: issueKey('SHOP-9'), repositoryId: null }, signal)

    expect(offer.branchName).toBe('SHOP-1-fix-the-cart-now')
    expect(offer.createBranch.map(({ url }) => url)).toEqual([
      `${(await s.stored(shop)).url}/-/branches/new?branch_name=SHOP-1-fix-the-cart-now`,
    ])
    expect(chosen.createBranch.map(({ repository }) => repository.name)).toEqual(['acme/tools'])
    expect(recent.createBranch.map(({ repository }) => repository.name).toSorted()).toEqual(['acme/shop', 'acme/tools'])
  })

  test('has the key alone as its name when Jira does not answer', async () => {
    const s = await start()
    await s.project('shop', ['SHOP-1 a'])
    await s.sweep()
    await s.jira.close()

    const offer = offerBranches(s.app, { key: KEY, repositoryId: null }, signal)
    const ticking = setInterval(() => s.clock.advance(1_000), 20)

    expect((await offer).branchName).toBe('SHOP-1')
    clearInterval(ticking)
  })
})

test('a changed rule of what is hidden brings every issue in Jira into line', async () => {
  const s = await start()
  await s.project('shop', ['SHOP-1 a', 'SHOP-2 b'])
  await s.sweep()
  const { jira } = s.app
  if (jira === null) throw new Error('no jira')
  await applyDeliverySettings(s.app, jira)
  await s.settle()
  expect(s.shown('SHOP-1')?.commits).toEqual(['SHOP-1 a'])

  const rules = ['author:ann*']
  const changed = { ...s.app, settings: { ...s.app.settings, panel: { ...PANEL, rules, noise: toNoise(rules) } } }
  await applyDeliverySettings(changed, jira)

  const due = await s.app.db.read.selectFrom('issues').select('issue_key').where('due_at', 'is not', null).execute()
  expect(due.length).toBe(2)
  const info = await readDevelopmentInformation(changed, KEY)
  expect([info.summary.commits, info.hidden.commits]).toEqual([0, 1])
})
