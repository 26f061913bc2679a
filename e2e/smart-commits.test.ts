import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { RepositoryJson } from '../src/contract/repository.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import type { Project } from '../src/sandbox/gitlab/model.ts'
import { runGit } from '../src/sandbox/run-git.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000
const XSS = '<img src="/x" onerror="alert(1)">'

let browser: Browser
let world: TestWorld
let folder: string
let shop: Project
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-smart-'))
  world = await startTestWorld({
    fill: async ({ gitlab, acme, maintainer }) => {
      shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
      const author = { name: 'Vera Viewer', email: 'vera@example.com' }
      const commit = { kind: 'commit', ref: 'refs/heads/main', mark: 1, parents: [], files: [] } as const
      await fastImport({
        folder: shop.folder,
        env: process.env,
        entries: [{ ...commit, author, authoredAt: new Date(), message: 'SHOP-1 #comment of the past\n' }],
      })
      await gitlab.noticePush(shop, maintainer)
    },
  })
  // Only what comes after the first import is executed, and only a webhook tells of it at once.
  await vi.waitFor(
    async () => {
      const { items } = (await (await world.ask('/api/v1/repositories')).json()) as { items: RepositoryJson[] }
      expect(items[0]?.sync.finishedAt).toBeTypeOf('string')
      expect(items[0]?.webhook.state).toBe('live')
    },
    { timeout: LONG_MS, interval: 100 },
  )
  await runGit(['clone', '--quiet', world.cloneUrl('acme/shop'), join(folder, 'clone')], { folder, env: process.env })
}, 2 * LONG_MS)

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

/** As a person does it, with real git. */
async function push(message: string, email = 'vera@example.com'): Promise<void> {
  const git = (...args: string[]) =>
    runGit(['-c', 'user.name=Vera Viewer', '-c', `user.email=${email}`, ...args], {
      folder: join(folder, 'clone'),
      env: process.env,
    })
  await git('commit', '--quiet', '--allow-empty', '-m', message)
  await git('push', '--quiet', 'origin', 'HEAD')
}

const row = (text: string) => page.getByRole('table', { name: 'Smart commits' }).getByRole('row').filter({ hasText: text })

test('a pushed commit comments on an issue and resolves it, and the list tells', { timeout: LONG_MS }, async () => {
  await page.goto(`${world.address}/smart-commits`)
  await page.getByRole('heading', { name: 'No smart commits yet' }).waitFor()

  await push('SHOP-5 #comment hello #resolve')

  const shown = row('#comment hello')
  await shown.getByText('Done', { exact: true }).waitFor({ timeout: LONG_MS })
  expect(await shown.getByRole('link', { name: 'SHOP-5' }).count()).toBe(2)
  expect(await shown.getByRole('link', { name: /^[0-9a-f]{7}$/ }).getAttribute('href')).toContain('/acme/shop/-/commit/')
  expect(await shown.getByRole('button', { name: /Execute/ }).count()).toBe(0)
  const issue = world.jira.world.findIssue('SHOP-5')
  expect(issue?.status).toBe('Done')
  expect(issue?.comments[0]?.body).toMatch(/^hello\n\n.*Vera Viewer/s)
  expect(world.jira.world.findIssue('SHOP-1')?.comments).toEqual([])
})

test(
  'the issue in Jira shows what the command of the README does, its commit and its build',
  { timeout: 2 * LONG_MS },
  async () => {
    const jar = await (await world.ask('/api/v1/jira-app/jar')).arrayBuffer()
    world.jira.installApp(new Uint8Array(jar))

    const issue = () => world.jira.world.findIssue('SHOP-7')
    // As it was made: somebody worked on it, and said so.
    Object.assign(issue() ?? {}, { status: 'In Progress', comments: [], worklogs: [] })
    await push('SHOP-7 #comment done #time 2h #resolve')
    await expect.poll(() => issue()?.status, { timeout: LONG_MS }).toBe('Done')
    await expect.poll(() => issue()?.comments.length, { timeout: LONG_MS }).toBe(2)
    world.gitlab.addPipeline(shop, { ref: 'main', status: 'success' })
    await expect
      .poll(() => issue()?.properties.get('dvcs-development'), { timeout: LONG_MS })
      .toMatchObject({ summary: { commits: 1, builds: { successful: 1 } } })
    await page.goto(`${world.jira.url}/browse/SHOP-7`)

    const panel = page.locator('#dvcs-development-panel')
    await panel.getByRole('button', { name: '1 commit' }).waitFor({ timeout: LONG_MS })
    await panel.getByRole('button', { name: '1 build' }).waitFor({ timeout: LONG_MS })
    expect(await page.locator('.issue-status').innerText()).toMatch(/^done$/i)
    const activity = page.locator('#issue_actions_container > *')
    const said = await activity.filter({ hasText: 'added a comment' }).locator('.action-body').allInnerTexts()
    // The other one says in whose name the issue was moved.
    expect(said.filter((text) => /^done\n+.*Vera Viewer/s.test(text))).toHaveLength(1)
    expect(said).toHaveLength(2)
    const worked = activity.filter({ hasText: 'logged work' })
    expect(await worked.count()).toBe(1)
    expect(await worked.locator('.worklog-duration').innerText()).toBe('2 hours')

    await panel.getByRole('button', { name: '1 commit' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('SHOP-7 #comment done #time 2h #resolve').waitFor()
    expect(await dialog.locator('.jira-dvcs-sha').getAttribute('href')).toContain(`${world.gitlab.url}/acme/shop/-/commit/`)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await panel.getByRole('button', { name: '1 build' }).click()
    expect(await dialog.locator('tbody tr').innerText()).toContain('SUCCESSFUL')
  },
)

test('a failed one marks its repository, says what to do, and is executed again by hand', { timeout: LONG_MS }, async () => {
  await push(`SHOP-6 #nonsense ${XSS}`)
  await expect
    .poll(
      async () => {
        const { items } = (await (await world.ask('/api/v1/repositories')).json()) as { items: RepositoryJson[] }
        return items[0]?.smartCommitErrors
      },
      { timeout: LONG_MS },
    )
    .toBe(1)
  await page.goto(`${world.address}/accounts/acme`)

  await page.getByRole('link', { name: /^Smart commit errors: / }).click()
  await page.waitForURL(/\/smart-commits\?.*state=failed/)
  const failed = row('#nonsense')
  await failed.getByText(/No transition of issue SHOP-6/).waitFor()
  expect(await row('#comment hello').count()).toBe(0)
  expect(await page.locator('main img').count()).toBe(0)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([])

  await failed.getByRole('button', { name: /^Execute again/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('#nonsense').waitFor()
  await dialog.getByText('Vera Viewer <vera@example.com>').waitFor()
  await dialog.getByRole('button', { name: 'Execute again' }).click()

  await failed.getByText(/asked by/).waitFor({ timeout: LONG_MS })
  await page.getByRole('searchbox', { name: 'Text' }).fill('nothing like this')
  await page.getByRole('heading', { name: 'Nothing fits the filter' }).waitFor()
  expect(page.url()).toContain('q=nothing')
})

test('a person asks for an address, and it counts once an administrator confirms it', { timeout: LONG_MS }, async () => {
  const viewer = await openPage(browser, world, 'viewer')
  await viewer.page.goto(`${world.address}/profile`)
  await viewer.page.getByRole('table', { name: 'Smart commits' }).getByText('#comment hello').waitFor()
  await viewer.page.getByRole('textbox', { name: 'Further address' }).fill('vera@home.example')
  await viewer.page.getByRole('button', { name: 'Ask for this address' }).click()
  await viewer.page.getByRole('button', { name: 'Take back: vera@home.example' }).waitFor()

  await page.goto(`${world.address}/settings/smart-commits`)
  await page.getByRole('button', { name: 'Confirm vera@home.example' }).click()
  await page.getByRole('button', { name: 'Remove vera@home.example' }).waitFor()
  await push('SHOP-8 #comment from home', 'vera@home.example')

  await expect.poll(() => world.jira.world.findIssue('SHOP-8')?.comments.length, { timeout: LONG_MS }).toBe(1)
  await viewer.page.reload()
  await viewer.page.getByRole('button', { name: 'Not mine: vera@home.example' }).waitFor()
  await viewer.page.context().close()
  expect(viewer.problems).toEqual([])
})

test('a person stores a token that is never shown again, and removes it', { timeout: LONG_MS }, async () => {
  const viewer = await openPage(browser, world, 'viewer')
  await viewer.page.goto(`${world.address}/profile`)
  await viewer.page.getByLabel('Personal access token of Jira').fill(world.tokens.jira)
  await viewer.page.getByRole('button', { name: 'Store the token' }).click()
  await viewer.page.getByText('The token belongs to somebody else.').waitFor()

  await viewer.page.getByLabel('Personal access token of Jira').fill(world.tokens.viewer)
  await viewer.page.getByRole('button', { name: 'Store the token' }).click()
  await viewer.page.getByText('A token is stored since').waitFor()
  expect(await viewer.page.content()).not.toContain(world.tokens.viewer)
  await viewer.page.getByRole('button', { name: 'Remove the token …' }).click()
  await viewer.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()

  await viewer.page.getByText('A token is stored since').waitFor({ state: 'detached' })
  await viewer.page.context().close()
  // The browser itself notes the refusal.
  expect(viewer.problems.filter((problem) => !problem.includes('409'))).toEqual([])
})

test('a project of Jira gets a level of trust of its own', async () => {
  await page.goto(`${world.address}/settings/smart-commits`)
  await page.getByRole('textbox', { name: 'Project key' }).fill('pay')
  await page.getByRole('button', { name: 'Set level' }).click()
  await page.getByRole('combobox', { name: 'Level of trust of PAY' }).selectOption('off')

  await expect.poll(async () => (await world.ask('/api/v1/smart-commit-trust')).json()).toEqual({ projects: { PAY: 'off' } })
})
