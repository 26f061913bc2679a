import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { RepositoryJson } from '../src/contract/repository.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000

let browser: Browser
let world: TestWorld
let repository = ''

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    fill: async ({ gitlab, acme }) => {
      const project = await gitlab.addProject({ namespace: acme, path: 'shop' })
      await fastImport({
        folder: project.folder,
        env: process.env,
        entries: [
          {
            kind: 'commit',
            ref: 'refs/heads/SHOP-1-begin',
            mark: 1,
            parents: [],
            author: { name: 'Ann Ember', email: 'ann@example.com' },
            authoredAt: new Date(),
            message: 'SHOP-1 begin\n\nwith a second line\n',
            files: [],
          },
        ],
      })
    },
  })
  const wait = { timeout: LONG_MS, interval: 100 }
  await vi.waitFor(async () => {
    const { items } = (await (await world.ask('/api/v1/repositories')).json()) as { items: RepositoryJson[] }
    expect(items[0]?.sync.finishedAt).toBeTypeOf('string')
    repository = items[0]?.id ?? ''
  }, wait)
}, 2 * LONG_MS)

afterAll(async () => {
  await browser?.close()
  await world?.close()
})

const PAGES = [
  '/',
  '/accounts',
  '/accounts/link',
  '/accounts/acme',
  '/repositories/REPOSITORY',
  '/triggers',
  '/triggers/new?template=done',
  '/smart-commits',
  '/deliveries',
  '/explain?ref=SHOP-1',
  '/issues/SHOP-1',
  '/issues/SHOP-2',
  '/settings/jira',
  '/settings/jira-app',
  '/settings/issue-keys',
  '/settings/smart-commits',
  '/settings/options',
  '/settings/users',
  '/settings/tokens',
  '/settings/profile',
  '/profile',
  '/settings/log',
  '/docs/first-steps',
  '/sign-in',
  '/nowhere',
]

test.each(PAGES.flatMap((path) => (['light', 'dark'] as const).map((mode) => [path, mode] as const)))(
  '%s has no serious violation of accessibility, %s',
  { timeout: LONG_MS },
  async (path, colorScheme) => {
    const { page } = await openPage(browser, world, 'administrator')
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(world.address + path.replace('REPOSITORY', repository))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expect.poll(() => page.getByText('Loading').count(), { timeout: LONG_MS }).toBe(0)

    const { violations } = await new AxeBuilder({ page }).analyze()

    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)).toEqual([])
    await page.context().close()
  },
)

test(
  'the sign-in follows the colours of the system while it is open, and a choice outlasts them',
  { timeout: LONG_MS },
  async () => {
    const { page } = await openPage(browser, world, 'administrator')
    const mode = () => page.locator('html').getAttribute('data-color-mode')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${world.address}/sign-in`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await mode()).toBe('light')

    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(mode).toBe('dark')

    await page.goto(`${world.address}/accounts`)
    await page.getByRole('button', { name: 'Colours' }).click()
    await page.getByRole('menuitemradio', { name: 'Light' }).click()
    await expect.poll(mode).toBe('light')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await mode()).toBe('light')
    await page.context().close()
  },
)
