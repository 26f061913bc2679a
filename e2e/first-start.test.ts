import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSetupLink } from '../src/app/identity/set-up.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000
const PASSWORD = 'correct horse battery'

let browser: Browser
let world: TestWorld
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    isSetUp: false,
    fill: async ({ gitlab, acme }) => {
      const project = await gitlab.addProject({ namespace: acme, path: 'shop' })
      await fastImport({
        folder: project.folder,
        env: process.env,
        entries: [
          {
            kind: 'commit',
            ref: 'refs/heads/main',
            mark: 1,
            parents: [],
            author: { name: 'Ann Ember', email: 'ann@example.com' },
            authoredAt: new Date(),
            message: 'SHOP-1 sell the first thing\n',
            files: [],
          },
        ],
      })
    },
  })
  const opened = await openPage(browser, world, 'administrator')
  page = opened.page
  problems = opened.problems
}, 2 * LONG_MS)

afterAll(async () => {
  await browser?.close()
  await world?.close()
})

/** As people without a mouse reach it. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${String(target)}`)
}

async function typeInto(target: Locator, text: string): Promise<void> {
  await tabTo(target)
  await page.keyboard.type(text)
}

async function pressOn(target: Locator): Promise<void> {
  await tabTo(target)
  await page.keyboard.press('Enter')
}

test('from the set-up link to the panel of an issue', { timeout: 3 * LONG_MS }, async () => {
  const link = await makeSetupLink(world.app)
  await page.goto(link ?? '')
  // All of it without a mouse.
  await typeInto(page.getByLabel('Name', { exact: false }).first(), 'ada')
  await typeInto(page.getByLabel('Full name'), 'Ada Lovelace')
  await typeInto(page.getByLabel('Password', { exact: false }).first(), PASSWORD)
  await typeInto(page.getByLabel('Password again'), PASSWORD)
  await pressOn(page.getByRole('button', { name: 'Create administrator' }))

  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(page.url()).not.toContain('#')
  await pressOn(page.getByRole('link', { name: 'Connect Jira' }).first())
  await typeInto(page.getByLabel('Address of Jira'), world.jira.url)
  await typeInto(page.getByLabel('Personal access token'), world.tokens.jira)
  await pressOn(page.getByRole('button', { name: 'Test' }))
  await page.getByText(/^Works: Jira/).waitFor()
  await pressOn(page.getByRole('button', { name: 'Connect Jira' }))
  await page.getByText('Connected', { exact: true }).first().waitFor()

  await page.goto(`${world.address}/accounts/link`)
  await typeInto(page.getByRole('textbox', { name: 'Team or user account' }), `${world.gitlab.url}/acme`)
  await typeInto(page.getByRole('textbox', { name: 'Name' }), 'Acme')
  await typeInto(page.getByRole('textbox', { name: 'Token' }), world.tokens.gitlab)
  await pressOn(page.getByRole('button', { name: 'Dry run' }))
  await page.getByText('acme/shop').first().waitFor()
  expect((await (await world.ask('/api/v1/accounts')).json()) as unknown).toMatchObject({ items: [] })
  await pressOn(page.getByRole('button', { name: 'Link account' }))
  await page.getByText('“Acme” is linked').waitFor()

  await expect
    .poll(async () => (await world.ask('/api/v1/issues/SHOP-1/development')).json(), { timeout: LONG_MS })
    .toMatchObject({ summary: { commits: 1 } })
  await page.goto(`${world.address}/issues/SHOP-1`)
  await page.getByText('SHOP-1 sell the first thing').first().waitFor()
  expect(problems).toEqual([])
})

test('the link has had its day, and nobody else gets in', async () => {
  expect(await makeSetupLink(world.app)).toBeNull()
  const stranger = await browser.newPage()
  await stranger.goto(`${world.address}/accounts`)

  await stranger.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(new URL(stranger.url()).searchParams.get('next')).toBe('/accounts')
  await stranger.close()
})
