import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { previewIssueKeys } from '../app/issue-keys/preview-issue-keys.ts'
import { createIssueKeyRules } from '../app/issue-keys/issue-key-rules.ts'
import { problemSchema } from '../contract/problem.ts'
import { issueKeyPreviewSchema, settingsSchema, type IssueKeyRulesJson } from '../contract/settings.ts'
import { replaceBranches } from '../db/stores/branches.ts'
import { prepareCommits, saveCommits } from '../db/stores/commits.ts'
import { replaceProjects } from '../db/stores/projects.ts'
import { findSetting } from '../db/stores/settings.ts'
import { KINDS } from '../db/test-database.ts'
import { accountId, type IssueKey, type RepositoryId } from '../domain/ids.ts'
import { addPullRequests, minute, testSha } from './test-development.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const BRANCH_ONLY: IssueKeyRulesJson = { anyCaseIn: ['branch'], pullRequestCommits: false }
const NOTHING: IssueKeyRulesJson = { anyCaseIn: [], pullRequestCommits: false }
const EVERYTHING: IssueKeyRulesJson = { anyCaseIn: ['branch', 'commit', 'title'], pullRequestCommits: true }

let t: TestHttpApp
let shop: RepositoryId
const start = async (world: Parameters<typeof startTestHttpApp>[1] = {}) => {
  const options = [
    { name: 'sync.interval', value: '60m', isDeclared: false, description: 'How often.' },
    { name: 'issueKeys.anyCaseIn', value: ['branch'], isDeclared: false, description: 'Where.' },
  ]
  t = await startTestHttpApp({ options }, world)
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
  await t.addRepository({ path: 'acme/unlinked' }, { linked: false })
}
afterEach(() => t.dispose())

const get = async () => settingsSchema.parse((await t.send('GET', '/api/v1/settings')).json())
const put = (body: object) => t.send('PUT', '/api/v1/settings/issue-keys', { body })
const preview = async (body: object) => {
  const answer = await t.send('POST', '/api/v1/settings/issue-keys/preview', { body })
  expect(answer.status).toBe(200)
  return issueKeyPreviewSchema.parse(answer.json())
}
const stored = () => findSetting(t.app.db.read, 'issue-keys')
const jobs = async () => (await t.app.db.read.selectFrom('jobs').select('key').orderBy('key').execute()).map(({ key }) => key)

describe('the rules for issue keys', () => {
  beforeEach(() => start())

  test('are told with the options of the configuration', async () => {
    expect(await get()).toEqual({
      issueKeys: { ...BRANCH_ONLY, managedBy: 'browser' },
      options: [{ name: 'sync.interval', value: '60m', managedBy: 'default', description: 'How often.' }],
    })
  })

  test('change at once, and have the linked repositories looked through again', async () => {
    const answer = await put(EVERYTHING)

    expect(answer.status).toBe(200)
    expect(settingsSchema.parse(answer.json()).issueKeys).toEqual({ ...EVERYTHING, managedBy: 'browser' })
    expect(t.app.settings.issueKeys).toEqual(EVERYTHING)
    expect(await jobs()).toEqual([`sync:${shop}`])
  })

  test('reach another node when it looks', async () => {
    const other = await createIssueKeyRules({ db: t.app.db, configured: BRANCH_ONLY, byFile: false })
    await put(NOTHING)

    expect(other.current()).toEqual(BRANCH_ONLY)
    expect(await other.refresh()).toEqual(NOTHING)
  })

  test('that are those of today ask for nothing where they were applied', async () => {
    await t.app.db.write('background', (tx) =>
      tx.updateTable('repositories').set({ rules_version: 8_001 }).where('id', '=', Number(shop)).execute(),
    )

    expect((await put(BRANCH_ONLY)).status).toBe(200)

    expect(await jobs()).toEqual([])
  })

  test.each([{}, { ...NOTHING, anyCaseIn: ['tag'] }, { ...NOTHING, more: 1 }, { anyCaseIn: [] }])(
    'must be complete: %o',
    async (body) => {
      const answer = await put(body)

      expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([400, 'request-invalid'])
      expect(await stored()).toBeNull()
    },
  )
})

test('rules of the configuration file are not changed here', async () => {
  await start({ issueKeysByFile: true })

  const answer = await put(NOTHING)

  expect([answer.status, problemSchema.parse(answer.json()).code]).toEqual([409, 'managed-by-file'])
  expect((await get()).issueKeys).toEqual({ ...BRANCH_ONLY, managedBy: 'file' })
  expect([await stored(), await jobs()]).toEqual([null, []])
})

describe.each(KINDS)('the preview, %s', (kind) => {
  beforeEach(async () => {
    await start({ kind })
    const branches = ['shop-1-cart', 'SHOP-2-pay', 'utf-8'].map((name, index) => ({
      name,
      head: testSha(index + 1),
      headAt: 0,
      keys: [],
    }))
    const commits = [
      { sha: testSha(1), message: 'SHOP-3 and shop-4\n\nmore', keys: ['SHOP-3' as IssueKey] },
      { sha: testSha(2), message: 'SHOP-5', keys: ['SHOP-5' as IssueKey] },
    ].map((commit) => ({
      ...commit,
      author: { name: 'Mia', email: null },
      authoredAt: minute(1),
      committedAt: minute(1),
      merge: false,
    }))
    await t.app.db.write('background', async (tx) => {
      await replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: [], name: 'Shop' }])
      await replaceBranches(tx, shop, { branches, dueAt: null })
      await saveCommits(tx, prepareCommits({ repositoryId: shop, generation: 1, commits, rekey: false }), 0)
    })
    await addPullRequests(t, shop, [
      {
        number: 1,
        title: 'SHOP-6 with shop-7',
        sourceBranch: 'shop-8',
        keys: ['SHOP-6', 'SHOP-8', 'SHOP-9'] as IssueKey[],
      },
    ])
  })

  test('of the rules of today is empty', async () => {
    expect(await preview(BRANCH_ONLY)).toEqual({
      link: { count: 0, samples: [] },
      unlink: { count: 0, samples: [] },
      complete: true,
      notes: [],
    })
  })

  test('tells what goes, and leaves what a description or a commit names', async () => {
    const { link, unlink, complete } = await preview(NOTHING)

    expect([link.count, unlink.count, complete]).toEqual([0, 2, true])
    expect(unlink.samples.map(({ kind, issue, text }) => [kind, issue, text])).toEqual([
      ['branch', 'SHOP-1', 'shop-1-cart'],
      ['pull-request', 'SHOP-8', 'SHOP-6 with shop-7'],
    ])
  })

  test('tells what comes, and what it cannot know', async () => {
    const { link, unlink, complete, notes } = await preview(EVERYTHING)

    expect([link.count, unlink.count, complete, notes.length]).toEqual([2, 0, false, 3])
    expect(link.samples).toEqual([
      {
        kind: 'pull-request',
        repository: 'acme/shop',
        text: 'SHOP-6 with shop-7',
        issue: 'SHOP-7',
        url: 'https://gitlab.example.com/acme/shop/-/merge_requests/12',
      },
      { kind: 'commit', repository: 'acme/shop', text: 'SHOP-3 and shop-4', issue: 'SHOP-4', url: null },
    ])
    expect([await stored(), await jobs()]).toEqual([null, []])
  })

  test('without the commits of pull requests counts what they may lose', async () => {
    await put({ ...BRANCH_ONLY, pullRequestCommits: true })

    const { unlink, notes } = await preview(BRANCH_ONLY)

    expect([unlink.samples.map(({ issue }) => issue), notes]).toEqual([
      ['SHOP-9'],
      [expect.stringContaining('Descriptions of pull requests are not stored')],
    ])
  })

  test('looks at so many texts, and says so', async () => {
    const { unlink, complete, notes } = await previewIssueKeys(t.app, NOTHING, { most: 2 })

    expect([unlink.count, complete, notes]).toEqual([1, false, ['Only the first 2 texts that are stored were looked at.']])
  })

  test('shows at most fifty samples', async () => {
    const branches = Array.from({ length: 2_100 }, (_, index) => ({
      name: `shop-${index + 1}`,
      head: testSha(1),
      headAt: 0,
      keys: [],
    }))
    await t.app.db.write('background', (tx) => replaceBranches(tx, shop, { branches, dueAt: null }))

    const { unlink } = await preview(NOTHING)

    expect([unlink.count, unlink.samples.length]).toEqual([2_101, 50])
  })

  test('counts everything that looks like a key while Jira has not told its projects', async () => {
    await t.app.db.write('background', (tx) => replaceProjects(tx, []))

    const { unlink, notes } = await preview(NOTHING)

    expect([unlink.count, notes.length]).toEqual([3, 1])
  })
})
