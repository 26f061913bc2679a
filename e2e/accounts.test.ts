import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { AccountJson } from '../src/contract/account.ts'
import type { RepositoryJson, SyncEntryJson } from '../src/contract/repository.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import type { Namespace } from '../src/sandbox/gitlab/model.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000

let browser: Browser
let world: TestWorld
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    fill: async ({ gitlab, acme }) => {
      for (const path of ['shop', 'payments', 'tools']) await addProject(gitlab, acme, path)
    },
  })
  const wait = { timeout: LONG_MS, interval: 100 }
  await vi.waitFor(async () => expect((await listRepositories('acme')).filter(isSynchronized)).toHaveLength(3), wait)
}, 2 * LONG_MS)

afterAll(async () => {
  await world?.close()
  await browser?.close()
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

async function addProject(gitlab: TestWorld['gitlab'], namespace: Namespace, path: string): Promise<void> {
  const project = await gitlab.addProject({ namespace, path })
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
        message: 'SHOP-1 begin\n',
        files: [],
      },
    ],
  })
  await gitlab.noticePush(project, gitlab.addUser({ username: `pusher-${path}`, name: 'Pusher' }))
}

async function listRepositories(account: string): Promise<RepositoryJson[]> {
  const answer = await world.ask(`/api/v1/repositories?account=${account}`)
  return ((await answer.json()) as { items: RepositoryJson[] }).items
}

const isSynchronized = ({ sync }: RepositoryJson) => sync.state === 'idle' && sync.finishedAt !== null && sync.error === null

async function readRepository(name: string): Promise<RepositoryJson> {
  const found = (await listRepositories('')).find((repository) => repository.name === name)
  if (found === undefined) throw new Error(`${name} is not listed`)
  return found
}

async function readSyncs(name: string): Promise<SyncEntryJson[]> {
  const { id } = await readRepository(name)
  const answer = await world.ask(`/api/v1/repositories/${id}/syncs`)
  return ((await answer.json()) as { items: SyncEntryJson[] }).items
}

async function readAccount(id: string): Promise<AccountJson> {
  return (await (await world.ask(`/api/v1/accounts/${id}`)).json()) as AccountJson
}

const accountOf = (name: string) => page.getByRole('region', { name, exact: true })
const rowOf = (name: string): Locator => page.getByRole('row').filter({ hasText: name })

const isFocused = async (locator: Locator) => (await locator.and(page.locator(':focus')).count()) === 1

async function choose(account: string, entry: string): Promise<void> {
  await page.getByRole('button', { name: `Actions of ${account}` }).click()
  await page.getByRole('menuitem', { name: entry }).click()
}

test('an administrator refreshes the repositories of an account and sees the new one appear', async () => {
  await page.goto(`${world.address}/accounts`)
  await rowOf('acme/shop').waitFor()
  await addProject(world.gitlab, world.acme, 'invoices')

  await choose('Acme', 'Refresh repositories')

  await page.getByRole('progressbar', { name: 'Refreshing Acme' }).waitFor()
  await page.getByText('Acme is refreshed').waitFor({ timeout: LONG_MS })
  await rowOf('acme/invoices').waitFor()
  await accountOf('Acme').getByText('4 of 4 linked').first().waitFor()
  expect((await readRepository('acme/invoices')).linked).toBe(true)
})

test('a click synchronizes a repository softly; Shift and a click offer both kinds', async () => {
  await page.goto(`${world.address}/accounts`)
  const before = await readSyncs('acme/payments')
  const button = page.getByRole('button', { name: 'Synchronize acme/payments' })

  await button.hover()
  await button.getByText('Click to sync repository').waitFor()
  await button.click()
  const last = async () => (await readSyncs('acme/payments')).map(({ mode, outcome }) => `${mode} ${outcome}`)
  await expect.poll(last, { timeout: LONG_MS }).toEqual(['soft done', ...before.map(({ mode, outcome }) => `${mode} ${outcome}`)])

  await button.click({ modifiers: ['Shift'] })
  const dialog = page.getByRole('dialog')
  await dialog.getByText('nothing disappears from issues meanwhile').waitFor()
  await dialog.getByRole('radio', { name: 'Full synchronization' }).check()
  await dialog.getByRole('button', { name: 'Start sync' }).click()
  await expect.poll(async () => (await last())[0], { timeout: LONG_MS }).toBe('full done')
  await button.getByText(/Synchronized/).waitFor({ timeout: LONG_MS })

  await page.getByRole('button', { name: 'More about acme/payments' }).click()
  await page.getByRole('menuitem', { name: 'Full synchronization…' }).click()
  expect(await dialog.getByRole('radio', { name: 'Full synchronization' }).isChecked()).toBe(true)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('a token that was revoked is named with its way out, and repaired in place', async () => {
  const owner = world.gitlab.addGroup({ path: 'labs', name: 'Labs' })
  world.gitlab.addMember(owner, world.maintainer, 'owner')
  await addProject(world.gitlab, owner, 'robot')
  const first = world.gitlab.createToken({ user: world.maintainer, scopes: ['api'] })
  const body = JSON.stringify({
    id: 'labs',
    name: 'Labs',
    host: 'gitlab',
    url: world.gitlab.url,
    owner: 'labs',
    token: first.value,
  })
  const headers = { 'content-type': 'application/json' }
  expect((await world.ask('/api/v1/accounts', { method: 'POST', body, headers })).status).toBe(201)
  await expect.poll(async () => (await listRepositories('labs')).filter(isSynchronized).length, { timeout: LONG_MS }).toBe(1)
  await page.goto(`${world.address}/accounts`)
  await accountOf('Labs').getByText('OK', { exact: true }).waitFor()

  first.revoked = true
  await choose('Labs', 'Refresh repositories')
  await accountOf('Labs').getByText('Invalid credentials, please change them').waitFor({ timeout: LONG_MS })
  expect((await readAccount('labs')).state).toBe('needs-sign-in')

  await accountOf('Labs').getByRole('button', { name: 'Change credentials' }).click()
  const token = page.getByRole('textbox', { name: 'Token' })
  await token.fill('glpat-wrong')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText('Nothing was changed').waitFor()
  await token.fill(world.gitlab.createToken({ user: world.maintainer, scopes: ['api'] }).value)
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText('Credentials changed').waitFor()
  await accountOf('Labs').getByText('OK', { exact: true }).waitFor()
  // The browser says of each refusal that it was one.
  problems = problems.filter((problem) => !problem.includes('422'))
})

test('many repositories are unlinked after a question, and linked again', async () => {
  await page.goto(`${world.address}/accounts/acme`)
  await rowOf('acme/shop').waitFor()
  const count = (await listRepositories('acme')).length

  await page.getByRole('checkbox', { name: 'Select all shown repositories' }).check()
  await page.getByRole('button', { name: 'Unlink…' }).click()
  await page.getByRole('button', { name: 'Unlink', exact: true }).click()
  await page.getByText(`${count} of ${count} changed`).waitFor({ timeout: LONG_MS })
  expect((await listRepositories('acme')).filter(({ linked }) => linked)).toEqual([])
  await expect.poll(() => page.getByRole('checkbox', { name: 'Enabled: acme/shop' }).isChecked()).toBe(false)

  await page.getByRole('combobox', { name: 'Show' }).selectOption('unlinked')
  await page.getByRole('checkbox', { name: 'Select acme/shop' }).check()
  await page.getByRole('checkbox', { name: 'Select acme/tools' }).check()
  await page.getByText('2 selected').waitFor()
  await page.getByRole('button', { name: 'Link', exact: true }).press('Enter')
  await expect
    .poll(async () => (await listRepositories('acme')).filter(({ linked }) => linked).map(({ name }) => name))
    .toEqual(expect.arrayContaining(['acme/shop', 'acme/tools']))
  // The bar is gone that had the focus.
  await expect.poll(() => isFocused(page.getByRole('checkbox', { name: 'Select all shown repositories' }))).toBe(true)
})

test('an account of the configuration file is read-only, and says where to change it', async () => {
  await page.goto(`${world.address}/accounts/acme`)

  await page.getByText('Managed by file').click()
  await page.getByText('Change it in the connector’s configuration file').first().waitFor()
  expect(await page.getByRole('textbox', { name: 'Host URL' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Actions of Acme' }).click()
  expect(await page.getByRole('menuitem', { name: 'Delete' }).isDisabled()).toBe(true)
})

test(
  'an account is linked by its form, whose connection is tested first',
  async () => {
    await page.goto(`${world.address}/accounts`)
    await page.getByRole('link', { name: 'Link account' }).click()
    await page.getByRole('heading', { name: 'Link account' }).waitFor()

    await page.getByRole('textbox', { name: 'Team or user account' }).fill(`${world.gitlab.url}/acme`)
    await page.getByRole('textbox', { name: 'Name' }).fill('Acme again')
    await page.getByRole('button', { name: 'Link account' }).click()
    await page.getByText('This field is required.').waitFor()
    // Where to go on stands under the hands already.
    expect(await isFocused(page.getByRole('textbox', { name: 'Token' }))).toBe(true)
    const token = world.gitlab.createToken({ user: world.maintainer, scopes: ['read_api', 'read_repository'] })
    await page.getByRole('textbox', { name: 'Token' }).fill(token.value)
    // The page is there before what it lists.
    world.gitlab.faults.add({ match: { path: /\/groups\/\d+\/projects/ }, answer: 'slow', times: 3 })
    await page.getByRole('button', { name: 'Link account' }).click()

    await page.getByRole('heading', { name: 'Acme again', exact: true }).waitFor()
    await page.getByText('“Acme again” is linked').waitFor()
    expect(new URL(page.url()).pathname).toBe('/accounts/acme-again')
    await rowOf('acme/shop').waitFor({ timeout: LONG_MS })
  },
  2 * LONG_MS,
)

test('what is wrong in the settings of an account is said beside the buttons too, and goes with Discard', async () => {
  const token = world.gitlab.createToken({ user: world.maintainer, scopes: ['api'] }).value
  const body = JSON.stringify({ id: 'mine', name: 'Mine', host: 'gitlab', url: world.gitlab.url, owner: 'acme', token })
  const headers = { 'content-type': 'application/json' }
  expect((await world.ask('/api/v1/accounts', { method: 'POST', body, headers })).status).toBe(201)
  await page.goto(`${world.address}/accounts/mine`)

  await page.getByRole('textbox', { name: 'Jira projects' }).fill('1X')
  await page.getByRole('button', { name: 'Test and save' }).click()
  await page.getByText('Something above is missing or wrong.').waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()

  await page.getByText('Something above is missing or wrong.').waitFor({ state: 'detached' })
  expect(await page.getByText('is not a project key').count()).toBe(0)
  expect(await page.getByRole('textbox', { name: 'Jira projects' }).inputValue()).toBe('')
})

test('who works by keyboard goes on in the next row when one is removed, and at the heading after the last', async () => {
  const headers = { 'content-type': 'application/json' }
  for (const email of ['ann@example.com', 'ben@example.com']) {
    const path = `/api/v1/smart-commit-aliases/${encodeURIComponent(email)}`
    expect((await world.ask(path, { method: 'PUT', body: JSON.stringify({ user: 'vera' }), headers })).ok).toBe(true)
  }
  await page.goto(`${world.address}/settings/smart-commits`)
  const remove = (email: string) => page.getByRole('button', { name: `Remove ${email}` })
  const confirm = async (email: string) => {
    await remove(email).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).press('Enter')
    await remove(email).waitFor({ state: 'detached' })
  }

  await confirm('ann@example.com')
  await expect.poll(() => isFocused(remove('ben@example.com'))).toBe(true)
  await confirm('ben@example.com')
  await expect.poll(() => isFocused(page.locator('h2'))).toBe(true)
})

test('a menu opens where its button is, also for people who want no motion', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 375, height: 500 })
  await page.goto(`${world.address}/accounts`)

  await page
    .getByRole('table', { name: 'Repositories of Acme', exact: true })
    .getByRole('button', { name: /^More about/ })
    .last()
    .click()

  const entry = page.getByRole('menuitem', { name: 'Details and history' })
  await entry.waitFor()
  const box = await entry.boundingBox()
  expect(box?.y).toBeGreaterThan(0)
  expect(box?.y).toBeLessThan(500)
})
