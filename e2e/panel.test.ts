import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { fastImport } from '../src/sandbox/fast-import.ts'
import type { Project } from '../src/sandbox/gitlab/model.ts'
import { runGit } from '../src/sandbox/run-git.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const XSS = '<img src="/x" onerror="alert(1)"><script>alert(2)</script>'
const MANY = 450

let browser: Browser
let world: TestWorld
let shop: Project
let folder: string
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-panel-'))
  world = await startTestWorld({
    config: 'panel:\n  hide: ["*bot*"]\n',
    fill: async ({ gitlab, jira, acme, maintainer }) => {
      // Vera may browse PAY there, and not view its development tools.
      const pay = jira.world.findProject('PAY')
      if (pay !== null) pay.members = { administrators: ['connector'], viewers: ['vera'] }
      shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
      await write(shop, 'main', [{ message: 'Start' }])
      await gitlab.noticePush(shop, maintainer)
    },
  })
  await untilProjectsAreKnown()
}, 120_000)

afterAll(async () => {
  await world?.close()
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  const opened = await openPage(browser, world, 'administrator')
  page = opened.page
  problems = opened.problems
})

afterEach(async () => {
  await page.context().close()
  expect(problems).toEqual([])
})

interface Written {
  readonly message: string
  readonly author?: string
  readonly files?: readonly { readonly path: string; readonly content: string | null }[]
}

/** Commits on a branch, straight into the served repository. */
async function write(project: Project, branch: string, commits: readonly Written[]): Promise<void> {
  const parent = project.refs.get(`refs/heads/${branch}`) ?? project.refs.get('refs/heads/main')
  await fastImport({
    folder: project.folder,
    env: process.env,
    entries: commits.map(({ message, author = 'Ann Ember', files = [] }, index) => ({
      kind: 'commit' as const,
      ref: `refs/heads/${branch}`,
      mark: index + 1,
      parents: index > 0 ? [index] : parent === undefined ? [] : [parent],
      author: { name: author, email: 'ann@example.com' },
      authoredAt: new Date(Date.now() - (commits.length - index) * 60_000),
      message: `${message}\n`,
      files,
    })),
  })
}

async function push(branch: string, commits: readonly Written[]): Promise<void> {
  await write(shop, branch, commits)
  await world.gitlab.noticePush(shop, world.maintainer)
}

/** The connector has listed the projects of Jira: it knows what is no issue. */
async function untilProjectsAreKnown(): Promise<void> {
  await vi.waitFor(async () => expect((await world.ask('/api/v1/issues/NONE-1/development')).status).toBe(404), {
    timeout: 60_000,
    interval: 100,
  })
}

async function untilCommits(key: string, count: number): Promise<void> {
  const read = async () => {
    const { summary } = (await (await world.ask(`/api/v1/issues/${key}/development`)).json()) as { summary: { commits: number } }
    return summary.commits
  }
  await expect.poll(read, { timeout: 60_000 }).toBe(count)
}

const open = (key: string) => page.goto(`${world.address}/issues/${key}`)
const table = (name: string | RegExp) => page.getByRole('table', { name })

test('an issue without anything says what to do, and shows a real push without a reload', async () => {
  await open('shop-2')
  await page.getByRole('heading', { name: 'SHOP-2: Development' }).waitFor()
  await page.getByRole('heading', { name: 'No development information yet' }).waitFor()

  const clone = join(folder, 'clone')
  const git = (...args: string[]) =>
    runGit(['-c', 'user.name=Robin Roe', '-c', 'user.email=robin@example.com', ...args], { folder: clone, env: process.env })
  await runGit(['clone', '--quiet', world.cloneUrl('acme/shop'), clone], { folder, env: process.env })
  await git('checkout', '--quiet', '-b', 'feature/SHOP-2-voucher')
  await writeFile(join(clone, 'voucher.txt'), 'one\ntwo\n')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'SHOP-2 take vouchers', '-m', 'They are taken once.')
  await git('push', '--quiet', 'origin', 'feature/SHOP-2-voucher')

  const row = table('Commits in acme/shop').getByRole('row').filter({ hasText: 'SHOP-2 take vouchers' })
  await row.waitFor({ timeout: 30_000 })
  expect(await row.getByText('Robin Roe').count()).toBe(1)
  await row.getByRole('button', { name: 'Show the whole message' }).click()
  await row.getByText('They are taken once.').waitFor()
  const summary = page.getByRole('list', { name: 'Summary' })
  expect(await summary.getByRole('button').allInnerTexts()).toEqual(['1 branch', '1 commit'])
  await summary.getByRole('button', { name: '1 branch' }).click()
  await table('Branches in acme/shop').getByRole('link', { name: 'feature/SHOP-2-voucher', exact: true }).waitFor()
  const create = table('Branches in acme/shop').getByRole('link', { name: /Create merge request from/ })
  expect(await create.getAttribute('href')).toContain('/acme/shop/-/merge_requests/new')
})

test('the files of a commit come when somebody asks', async () => {
  await push('SHOP-3-files', [
    { message: 'Prepare', files: [{ path: 'old.txt', content: 'x\n' }] },
    {
      message: 'SHOP-3 change files',
      files: [
        { path: 'src/new.ts', content: 'a\nb\n' },
        { path: 'old.txt', content: null },
      ],
    },
  ])
  await untilCommits('SHOP-3', 1)
  await open('SHOP-3')

  await table('Commits in acme/shop')
    .getByRole('button', { name: /iles? of [0-9a-f]{7}/ })
    .click()

  const files = page.getByRole('list', { name: /^Files of/ }).getByRole('listitem')
  await files.first().waitFor()
  expect((await files.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')).toSorted()).toEqual([
    'ADDED +2 -0 src/new.ts',
    'DELETED +0 -1 old.txt',
  ])
})

test('a build tells how many of its jobs passed, once it has ended, without a reload', async () => {
  await push('SHOP-12-jobs', [{ message: 'SHOP-12 build me' }])
  await untilCommits('SHOP-12', 1)
  const jobs = [...Array.from({ length: 12 }, () => 'success'), 'skipped', 'running']
  const pipeline = world.gitlab.addPipeline(shop, { ref: 'SHOP-12-jobs', status: 'running', jobs })
  await open('SHOP-12')
  const row = table('Builds in acme/shop').getByRole('row').filter({ hasText: 'SHOP-12-jobs' })
  await row.getByText('IN PROGRESS').waitFor({ timeout: 30_000 })
  expect(await row.getByText(/passed/).count()).toBe(0)

  world.gitlab.setPipelineStatus(shop, pipeline, 'failed')

  await row.getByText('12 of 14 jobs passed, 1 failed').waitFor({ timeout: 30_000 })
  await row.getByText('FAILED', { exact: true }).waitFor()
})

test('what strangers write is text: nothing runs, nothing is asked for, no policy is broken', async () => {
  const branch = 'SHOP-4-<img/src=x/onerror=alert(1)>'
  await push(branch, [
    { message: `SHOP-4 ${XSS}\n\n${XSS}`, author: 'Eve <script>alert(3)</script>'.replaceAll(/[<>]/g, '\u2039') },
  ])
  await world.gitlab.openMergeRequest(shop, { author: world.maintainer, title: `SHOP-4 ${XSS}`, sourceBranch: branch })
  await untilCommits('SHOP-4', 1)
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))

  await open('SHOP-4')
  await table(/Commits/)
    .getByText(`SHOP-4 ${XSS}`)
    .waitFor()
  await page.getByRole('button', { name: 'Show the whole message' }).click()
  await table(/Pull requests/)
    .getByRole('link', { name: `SHOP-4 ${XSS}` })
    .waitFor({ timeout: 30_000 })
  await table(/Branches/)
    .getByRole('link', { name: branch, exact: true })
    .waitFor()

  expect(await page.locator('main img, main script, main iframe').count()).toBe(0)
  expect(asked.filter((path) => !/^\/(api\/v1|assets|issues)\/|^\/(favicon\.svg|color-mode\.js)$/.test(path))).toEqual([])
})

test(
  'hundreds of commits come page by page, newest first, and few of them are in the page at once',
  { timeout: 120_000 },
  async () => {
    await push(
      'many',
      Array.from({ length: MANY }, (_, index) => ({ message: `SHOP-5 step ${index + 1}` })),
    )
    await untilCommits('SHOP-5', MANY)
    await open('SHOP-5')
    await page.getByText(`Newest 100 of ${MANY}`).waitFor()

    const more = page.getByRole('button', { name: 'Show more' })
    for (const shown of ['Newest 200 of', 'Newest 400 of']) {
      await more.click()
      await page.getByText(shown).waitFor()
    }
    await more.click()
    await more.waitFor({ state: 'detached' })

    const rows = table(/Commits/).getByRole('row')
    expect(await table(/Commits/).getAttribute('aria-rowcount')).toBe(String(MANY + 1))
    expect(await rows.count()).toBeLessThan(120)
    await page.keyboard.press('End')
    await page.getByText('SHOP-5 step 1', { exact: true }).waitFor()
  },
)

test('what a rule hides is one click away', async () => {
  await push('noise', [{ message: 'SHOP-6 real' }, { message: 'SHOP-6 bump', author: 'renovate-bot' }])
  await untilCommits('SHOP-6', 1)
  await open('SHOP-6')
  await page.getByText('SHOP-6 real').waitFor()
  expect(await page.getByText('SHOP-6 bump').count()).toBe(0)

  await page.getByText('1 hidden by rule').getByRole('button', { name: 'Show' }).click()

  const row = table(/Commits/)
    .getByRole('row')
    .filter({ hasText: 'SHOP-6 bump' })
  await row.getByText('HIDDEN BY RULE').waitFor()
  await page.getByRole('button', { name: 'Hide' }).click()
  await row.waitFor({ state: 'detached' })
})

test('an administrator unlinks a commit with a reason, and takes that back', async () => {
  await push('wrong', [{ message: 'SHOP-8 wrong key' }])
  await untilCommits('SHOP-8', 1)
  await open('SHOP-8')
  await page.getByRole('button', { name: /^Unlink commit/ }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByRole('button', { name: 'Unlink' }).click()
  await dialog.getByText('Say why, for those who wonder later.').waitFor()
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('It was about another issue')
  await page.keyboard.press('Enter')

  await dialog.waitFor({ state: 'detached' })
  await table(/Commits/).waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'No development information yet' }).waitFor()
  await page.getByRole('button', { name: /^Undo: unlink/ }).click()
  await table(/Commits/)
    .getByText('SHOP-8 wrong key')
    .waitFor()

  await expect.poll(() => page.getByRole('list', { name: 'Links by hand' }).count()).toBe(0)
})

test('an administrator links a commit that names no issue, by its address', async () => {
  await push('silent', [{ message: 'No key at all' }])
  const sha = shop.refs.get('refs/heads/silent') ?? ''
  await open('SHOP-9')
  await page.getByRole('button', { name: 'Link a commit or merge request' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByRole('textbox', { name: 'Commit or merge request' }).fill(`${world.gitlab.url}/acme/shop/-/commit/${sha}`)
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('The author forgot the key')
  await expect.poll(() => dialog.getByRole('combobox', { name: 'Repository' }).inputValue()).not.toBe('')
  await dialog.getByRole('button', { name: 'Link', exact: true }).click()

  const row = table(/Commits/)
    .getByRole('row')
    .filter({ hasText: 'No key at all' })
  await row.getByText('The author forgot the key').waitFor()
})

test('who may see an issue in Jira sees its panel, without what is for administrators', async () => {
  await push('seen', [{ message: 'SHOP-11 seen' }])
  await untilCommits('SHOP-11', 1)
  const viewer = await openPage(browser, world, 'viewer')

  await viewer.page.goto(`${world.address}/issues/SHOP-11`)
  await viewer.page.getByText('SHOP-11 seen').waitFor()

  expect(await viewer.page.getByRole('button', { name: /nlink|by hand/ }).count()).toBe(0)
  expect(await viewer.page.getByRole('link', { name: 'Why is something missing?' }).count()).toBe(0)
  await viewer.page.context().close()
  expect(viewer.problems).toEqual([])
})

test('whom Jira refuses reads that there is no such issue, and the API says 404', async () => {
  await push('hidden', [{ message: 'PAY-1 not for Vera' }])
  await untilCommits('PAY-1', 1)
  const viewer = await openPage(browser, world, 'viewer')

  await viewer.page.goto(`${world.address}/issues/PAY-1`)
  await viewer.page.getByText('This issue does not exist, or you may not see its development information.').waitFor()

  const asked = await fetch(`${world.address}/api/v1/issues/PAY-1/development`, { headers: { cookie: world.cookies.viewer } })
  expect(asked.status).toBe(404)
  expect(await asked.text()).not.toContain('not for Vera')
  expect(await viewer.page.getByText('not for Vera').count()).toBe(0)
  await viewer.page.context().close()
})

test('Refresh lets the connector look again and says when it did', async () => {
  await push('refresh', [{ message: 'SHOP-10 once' }])
  await untilCommits('SHOP-10', 1)
  await open('SHOP-10')

  await page.getByRole('button', { name: 'Refresh' }).click()

  await page.getByText('SHOP-10 is up to date').waitFor({ timeout: 30_000 })

  expect(await page.getByText('SHOP-10 once').count()).toBe(1)
})

test('an issue of no project of Jira is not found', async () => {
  await open('NONE-1')

  await page.getByText('This issue does not exist, or you may not see its development information.').waitFor()
  expect((await world.ask('/api/v1/issues/NONE-1/development')).status).toBe(404)
  // The browser itself notes the answer.
  problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('404')))
})
