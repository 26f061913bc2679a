import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { RepositoryJson } from '../src/contract/repository.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import type { Project } from '../src/sandbox/gitlab/model.ts'
import type { SandboxGitLab } from '../src/sandbox/gitlab/sandbox-gitlab.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000
const BRANCH = 'feature/SHOP-5-vouchers'

let browser: Browser
let world: TestWorld
let shop: Project

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    fill: async ({ gitlab, acme }) => {
      shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
      await write(gitlab, 'main', 'Start')
      await write(gitlab, BRANCH, 'SHOP-5 take vouchers')
    },
  })
  await untilSynchronised()
}, 2 * LONG_MS)

afterAll(async () => {
  await world?.close()
  await browser?.close()
})

async function write(gitlab: SandboxGitLab, branch: string, message: string): Promise<void> {
  const parent = shop.refs.get('refs/heads/main')
  await fastImport({
    folder: shop.folder,
    env: process.env,
    entries: [
      {
        kind: 'commit',
        ref: `refs/heads/${branch}`,
        mark: 1,
        parents: parent === undefined ? [] : [parent],
        author: { name: 'Ann Ember', email: 'ann@example.com' },
        authoredAt: new Date(),
        message: `${message}\n`,
        files: [{ path: `${message.length}.txt`, content: 'x\n' }],
      },
    ],
  })
  await gitlab.readRepository(shop)
}

/** The first import is over: what happens from now on is news. */
async function untilSynchronised(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { items } = (await (await world.ask('/api/v1/repositories')).json()) as { items: RepositoryJson[] }
      expect(items[0]?.sync.finishedAt).toBeTypeOf('string')
    },
    { timeout: LONG_MS, interval: 100 },
  )
}

async function addFromTemplate(page: Page, name: RegExp): Promise<void> {
  await page.goto(`${world.address}/triggers`)
  await page.getByRole('list', { name: 'Templates' }).getByRole('link', { name }).click()
  await page.getByRole('textbox', { name: 'Target branches' }).fill('main')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('Nothing fitted').waitFor()
  await page.getByRole('button', { name: 'Add trigger' }).click()
  await page.getByText('When a pull request is merged into main, move the issue to “Done”.').waitFor()
}

test('a merged merge request moves its issue to Done, by a trigger from a template', { timeout: 2 * LONG_MS }, async () => {
  const { page, problems } = await openPage(browser, world, 'administrator')
  expect(world.jira.world.findIssue('SHOP-5')?.status).not.toBe('Done')
  await addFromTemplate(page, /^Done/)
  const request = await world.gitlab.openMergeRequest(shop, {
    author: world.maintainer,
    title: 'SHOP-5 take vouchers',
    sourceBranch: BRANCH,
  })

  await world.gitlab.mergeMergeRequest(request, { by: world.maintainer })

  await expect.poll(() => world.jira.world.findIssue('SHOP-5')?.status, { timeout: LONG_MS }).toBe('Done')
  const row = page.getByRole('table', { name: 'What triggers did' }).getByRole('row').filter({ hasText: 'SHOP-5' })
  await row.getByRole('cell', { name: 'Done', exact: true }).last().waitFor({ timeout: LONG_MS })
  await row.getByRole('link', { name: /SHOP-5 take vouchers/ }).waitFor()
  expect(await row.getByRole('link', { name: 'SHOP-5', exact: true }).getAttribute('href')).toContain('/issues/SHOP-5')
  expect(problems).toEqual([])
  await page.context().close()
})

test('the keyboard keeps its place where a trigger was switched off, and where one was deleted', async () => {
  const body = JSON.stringify({ name: 'Review', event: 'pull-request-opened', transition: 'In Review' })
  const headers = { 'content-type': 'application/json' }
  expect((await world.ask('/api/v1/triggers', { method: 'POST', headers, body })).status).toBe(201)
  const { page, problems } = await openPage(browser, world, 'administrator')
  await page.goto(`${world.address}/triggers`)
  const enabled = page.getByRole('checkbox', { name: 'Review is enabled' })
  const isFocused = async (place: Locator) => (await place.and(page.locator(':focus')).count()) === 1

  await enabled.press('Space')
  await page.getByRole('checkbox', { name: 'Review is enabled', checked: false, disabled: false }).waitFor()
  await expect.poll(() => isFocused(enabled)).toBe(true)

  const remove = page.getByRole('button', { name: 'Delete Review' })
  await remove.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => isFocused(remove)).toBe(true)

  await remove.press('Enter')
  await dialog.getByRole('button', { name: 'Delete', exact: true }).press('Enter')
  await remove.waitFor({ state: 'detached' })
  // On what stood beside it, and not at the start of the page again.
  await expect.poll(() => page.locator('main :focus').count()).toBe(1)
  expect(problems).toEqual([])
  await page.context().close()
})
