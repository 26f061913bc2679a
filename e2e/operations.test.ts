import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { SettingsJson } from '../src/contract/settings.ts'
import type { OverviewJson } from '../src/contract/statistics.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import type { Project } from '../src/sandbox/gitlab/model.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

vi.setConfig({ testTimeout: 120_000 })
/** A busy machine takes its time. */
const PATIENCE = { timeout: 60_000 }

let browser: Browser
let world: TestWorld
let shop: Project
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    fill: async ({ gitlab, acme, maintainer }) => {
      shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
      await commit('SHOP-1 begin', null)
      await gitlab.noticePush(shop, maintainer)
    },
  })
  await vi.waitFor(async () => expect((await readRepository()).sync.finishedAt).not.toBeNull(), { ...PATIENCE, interval: 200 })
}, 180_000)

afterAll(async () => {
  await world?.close()
  await browser?.close()
})

beforeEach(async () => {
  const opened = await openPage(browser, world, 'administrator')
  page = opened.page
  page.setDefaultTimeout(PATIENCE.timeout)
  problems = opened.problems
})

afterEach(async () => {
  world.gitlab.faults.clear()
  await page.context().close()
  expect(problems).toEqual([])
})

async function commit(message: string, from = shop.refs.get('refs/heads/main') ?? null): Promise<void> {
  await fastImport({
    folder: shop.folder,
    env: process.env,
    entries: [
      {
        kind: 'commit',
        ref: 'refs/heads/main',
        mark: 1,
        parents: from === null ? [] : [from],
        author: { name: 'Ann Ember', email: 'ann@example.com' },
        authoredAt: new Date(),
        message: `${message}\n`,
        files: [{ path: 'a.txt', content: message }],
      },
    ],
  })
}

interface Listed {
  readonly id: string
  readonly sync: { readonly state: string; readonly finishedAt: string | null; readonly error: unknown }
  readonly webhook: { readonly state: string }
}

async function readRepository(): Promise<Listed> {
  const { items } = (await (await world.ask('/api/v1/repositories')).json()) as { items: Listed[] }
  return items[0] ?? { id: '', sync: { state: '', finishedAt: null, error: null }, webhook: { state: '' } }
}

const heading = (name: string | RegExp) => page.getByRole('heading', { name })

test('a webhook is looked at with its payload, and replayed', async () => {
  await expect.poll(async () => (await readRepository()).webhook.state, PATIENCE).toBe('live')
  await page.goto(`${world.address}/deliveries`)
  await heading('No webhook has arrived yet').waitFor()

  await commit('SHOP-2 <b>go on</b>')
  await world.gitlab.noticePush(shop, world.maintainer)

  // It appears by itself.
  await page.getByRole('row', { name: /Push Hook acme Done/ }).waitFor()
  await page.getByRole('button', { name: 'Details of in-1' }).click()
  const payload = page.getByLabel('Payload')
  await payload.waitFor()
  expect(await payload.textContent()).toContain('SHOP-2 <b>go on</b>')
  expect(await page.getByLabel('Headers').textContent()).not.toMatch(/token|signature/i)
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await page.getByText('The webhook in-1 is looked at again').waitFor()
  await expect
    .poll(async () => (await (await world.ask('/api/v1/deliveries/in-1')).json()) as unknown, PATIENCE)
    .toMatchObject({
      delivery: { state: 'done', attempts: 1 },
    })

  await page.getByRole('link', { name: 'Open the repository' }).click()
  await heading('acme/shop').waitFor()
  await page
    .getByRole('table', { name: 'Webhooks received' })
    .getByRole('row', { name: /Push Hook/ })
    .waitFor()
  await page
    .getByRole('link', { name: /^Webhook in-1$/ })
    .first()
    .waitFor()
})

test('a repository that fails is shown on the overview, explained, and works again when the cause is gone', async () => {
  const { id } = await readRepository()
  world.gitlab.faults.add({ match: { path: /\.git\// }, answer: { status: 403 }, times: 1_000 })
  await page.goto(`${world.address}/repositories/${id}`)
  await page.getByRole('button', { name: 'Sync now' }).click()

  await heading('Problem').waitFor()
  const failed = await readRepository()
  expect(failed.sync.error).toMatchObject({ remedy: expect.any(String) })

  await serveOverview(page, failed)
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('button', { name: '1 Live by webhook' }).click()
  await page.getByRole('table', { name: 'Repositories: Live by webhook' }).getByRole('link', { name: 'acme/shop' }).waitFor()
  await page.getByRole('button', { name: /^1 (Failing|Waiting to retry|Paused)$/ }).click()
  await page
    .getByRole('table', { name: /^Repositories: / })
    .getByRole('link', { name: 'acme/shop' })
    .waitFor()

  await page.getByRole('searchbox').fill('shop')
  await page.keyboard.press('Enter')
  await heading('Repositories with this name').waitFor()
  await page.getByRole('link', { name: 'acme/shop' }).click()
  await heading('Problem').waitFor()

  world.gitlab.faults.clear()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Up to date').waitFor()
  expect(await heading('Problem').count()).toBe(0)
})

test('when a session has ended the page says so and stays, and the sign-in leads back to it', async () => {
  await page.goto(`${world.address}/settings/users`)
  const fullName = page.getByRole('textbox', { name: 'Full name' })
  await fullName.fill('Grace Hopper')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('grace')
  await page.getByLabel('Password').fill('a password of some length')
  await page.context().clearCookies()

  await page.getByRole('button', { name: 'Add administrator' }).click()

  await page.getByText('What you see may be old, and nothing can be changed.').waitFor()
  expect(await fullName.inputValue()).toBe('Grace Hopper')
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await heading('Sign in').waitFor()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('ada')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await heading('Users').waitFor()
  expect(new URL(page.url()).pathname).toBe('/settings/users')
  expect(await page.getByText('Your session has ended.').count()).toBe(0)
  // The browser tells of each answer that said no.
  problems = problems.filter((problem) => !problem.includes('401'))
})

test('"Try again" opens the page when the connector is reached again, or a part of the page has come', async () => {
  const session = (url: URL) => url.pathname === '/api/v1/session'
  await page.route(session, (route) => route.abort('connectionrefused'))
  await page.goto(`${world.address}/deliveries`)
  await page.getByText('The connector cannot be reached.').waitFor()
  await page.unroute(session)
  await page.getByRole('button', { name: 'Try again' }).click()
  await heading('Deliveries').waitFor()

  const part = (url: URL) => /\/explain-page-[^/]+\.js$/.test(url.pathname)
  await page.route(part, (route) => route.abort('connectionrefused'))
  await page.getByRole('link', { name: 'Why?' }).click()
  await page.getByText('A part of this page did not arrive.').waitFor()
  await page.unroute(part)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'Why?', exact: true }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/explain')
  // The browser tells of each connection that broke, React of what could not be shown.
  problems = problems.filter((problem) => !/ERR_CONNECTION_REFUSED|cannot be reached|dynamically imported module/.test(problem))
})

test('why somebody does not see the panel', async () => {
  await page.goto(`${world.address}/explain?ref=SHOP-1`)
  await heading('Issue SHOP-1').waitFor()

  await page.getByLabel('Person in Jira').fill('nobody')
  await page.getByRole('textbox', { name: 'Issue', exact: true }).fill('the first')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('A whole key, such as SHOP-7.').waitFor()
  await page.getByRole('textbox', { name: 'Issue', exact: true }).fill('SHOP-1')
  await page.getByRole('button', { name: 'Check' }).click()

  await heading('nobody does not see the panel on SHOP-1').waitFor()
  const remedy = page.getByText('Give the name that the person signs in to Jira with.')
  await remedy.waitFor()
  expect(await remedy.count()).toBe(1)
})

test('other rules for issue keys are shown before they are in force', async () => {
  await page.goto(`${world.address}/settings/issue-keys`)
  await page.getByLabel('in commit messages').check()
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByText('Nothing that is stored would change').waitFor()
  await page.getByText(/its pull requests and builds from its host/).waitFor()

  await page.getByRole('button', { name: 'Change the rules' }).click()

  await page.getByText('The rules are changed').waitFor()
  const settings = (await (await world.ask('/api/v1/settings')).json()) as SettingsJson
  expect(settings.issueKeys).toMatchObject({ anyCaseIn: ['branch', 'commit'], managedBy: 'browser' })
})

/** The counts of the one repository there is, by its state of now; the lists behind them are the connector's. */
async function serveOverview(target: Page, { sync, webhook }: Listed): Promise<void> {
  const none = { issues: 0, oldestSeconds: null }
  const states = { idle: 0, queued: 0, running: 0, retrying: 0, paused: 0, failing: 0 }
  const webhooks = { live: 0, polling: 0, broken: 0, off: 0, [webhook.state]: 1 }
  const overview: OverviewJson = {
    asOf: new Date().toISOString(),
    repositories: {
      total: 1,
      linked: 1,
      states: { ...states, [sync.state]: 1, ...(sync.state === 'idle' ? { failing: 1 } : {}) },
      webhooks,
    },
    accounts: { ok: 1, degraded: 0, needsSignIn: 0, deleting: 0, problems: [] },
    jira: { state: 'ok', problem: null, waiting: none, refused: none },
    webhooks: [],
    jiraWrites: [],
    lag: [],
    drift: { found: 0, repaired: 0, open: 0 },
  }
  await target.route('**/api/v1/overview', (route) => route.fulfill({ json: overview }))
}
