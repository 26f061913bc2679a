import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchTestBrowser } from '../../../test/browser.ts'
import { buildJiraApp } from '../../jira/app/build-jira-app.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'

let browser: Browser
let jira: SandboxJira
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
})

afterAll(() => browser?.close())

beforeEach(async () => {
  const users = [{ name: 'ann', displayName: 'Ann Lee', emailAddress: 'ann@example.com', tokens: [{ token: 't' }] }]
  jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users, contextPath: '/jira' })
  jira.installApp(buildJiraApp({ version: '1.2.3', serverUrl: 'https://dvcs.example.com' }).jar)
  jira.world.addProject({ key: 'SHOP', name: 'Web shop' })
  jira.world.seedIssues('SHOP', 3)
  page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) problems.push(message.text())
  })
})

afterEach(async () => {
  await page.close()
  await jira.close()
  expect(problems).toEqual([])
})

function give(key: string, value: unknown): void {
  jira.world.findIssue(key)?.properties.set('dvcs-development', value)
}

const open = (key: string) => page.goto(`${jira.url}/browse/${key}`)
/** As a person who returns to the tab: the panel looks at once, but not twice within a second. */
async function comeBack(): Promise<void> {
  await page.waitForTimeout(1100)
  await page.evaluate("window.dispatchEvent(new Event('focus'))")
}

const panel = () => page.locator('#dvcs-development-panel')

function development(changes: { commits?: number; message?: string; url?: string; truncated?: boolean } = {}) {
  const {
    commits = 2,
    message = 'SHOP-1 fix the total',
    url = 'https://gitlab.example.com/acme/shop',
    truncated = false,
  } = changes
  return {
    issue: 'SHOP-1',
    asOf: new Date().toISOString(),
    panelUrl: 'https://dvcs.example.com/issues/SHOP-1',
    summary: {
      branches: 1,
      commits,
      pullRequests: { open: 1, merged: 0, declined: 0 },
      builds: { successful: 1, failed: 0, inProgress: 0 },
      deployments: { environments: ['staging'] },
      lastActivity: null,
    },
    ...(truncated ? { truncated } : {}),
    repositories: [
      {
        name: 'acme/shop',
        url,
        host: 'gitlab',
        branches: [{ name: 'SHOP-1-total', url, head: 'a', createPullRequestUrl: null }],
        commits: [
          {
            id: 'abc',
            displayId: 'abc1234',
            message,
            author: { name: 'Ann' },
            authoredAt: new Date(Date.now() - 5 * 60_000).toISOString(),
            merge: false,
            url,
          },
        ],
        pullRequests: [
          {
            id: '12',
            title: 'Total',
            status: 'OPEN',
            sourceBranch: 'SHOP-1-total',
            targetBranch: 'main',
            url,
            author: { name: 'Ann' },
            reviewers: [],
          },
        ],
        builds: [],
        deployments: [],
      },
    ],
  }
}

test('shows the rows in the order and words of Jira', async () => {
  give('SHOP-1', development())

  await open('SHOP-1')

  await panel().getByText('1 pull request').waitFor()
  const rows = await panel().locator('li').allInnerTexts()
  expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
    '1 branch',
    '2 commits Latest 5 minutes ago',
    expect.stringMatching(/^1 pull request OPEN/) as string,
    '1 build SUCCESSFUL',
    'Deployed to staging',
  ])
  expect(await panel().locator('.jira-dvcs-note').innerText()).toMatch(/^as of \d\d:\d\d$/)
})

test('builds and deployments have their details, also those that no count tells', async () => {
  const run = (state: string, more: object) => ({ id: '7', state, url: 'https://gitlab.example.com/7', ...more })
  const value = development()
  give('SHOP-1', {
    ...value,
    summary: { ...value.summary, builds: { successful: 1, failed: 0, inProgress: 0 }, deployments: { environments: [] } },
    repositories: value.repositories.map((repository) => ({
      ...repository,
      builds: [
        run('SUCCESSFUL', { number: 31, ref: 'SHOP-1-total', finishedAt: new Date(Date.now() - 60_000).toISOString() }),
        run('CANCELLED', { number: 30, ref: 'SHOP-1-total', finishedAt: new Date(Date.now() - 120_000).toISOString() }),
      ],
      deployments: [run('IN_PROGRESS', { environment: 'staging', environmentType: 'staging', finishedAt: null })],
    })),
  })
  await open('SHOP-1')

  await panel().getByRole('button', { name: '2 builds' }).click()
  const dialog = page.getByRole('dialog')
  const rows = async () => (await dialog.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' ').trim())
  expect(await rows()).toEqual([
    expect.stringMatching(/^#31 SHOP-1-total SUCCESSFUL/) as string,
    expect.stringMatching(/^#30 SHOP-1-total CANCELLED/) as string,
  ])
  await dialog.getByRole('button', { name: 'Close' }).click()
  await panel().getByRole('button', { name: '1 deployment' }).click()
  expect(await rows()).toEqual(['staging IN PROGRESS Under way'])
})

test('a push shows within seconds, without a reload', async () => {
  give('SHOP-1', development({ commits: 2 }))
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  give('SHOP-1', development({ commits: 3 }))

  await panel().getByText('3 commits').waitFor({ timeout: 8000 })
  expect(await panel().getByText('2 commits').count()).toBe(0)
})

test('hides its module without data and appears with the first', async () => {
  const asked = page.waitForResponse(/properties/)
  await open('SHOP-2')
  await asked
  await panel().waitFor({ state: 'hidden' })

  give('SHOP-2', development())
  await comeBack()

  await panel().getByText('2 commits').waitFor()
  expect(await panel().locator('h4').isVisible()).toBe(true)
})

test('says so when there is nothing', async () => {
  give('SHOP-1', { asOf: new Date().toISOString(), summary: { commits: 0 }, panelUrl: 'https://dvcs.example.com/' })

  await open('SHOP-1')

  await panel().getByText('No development information').waitFor()
  expect(await panel().getByRole('button').count()).toBe(0)
})

test('treats the property as hostile text', async () => {
  const url = 'javascript:document.title="hacked"'
  give('SHOP-1', development({ message: '<img src=x onerror="document.title=1"><b>SHOP-1</b>', url }))
  await open('SHOP-1')

  await panel().getByRole('button', { name: '2 commits' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByText('<img src=x onerror="document.title=1"><b>SHOP-1</b>').waitFor()
  expect(await dialog.locator('img, b, script').count()).toBe(0)
  const links = await Promise.all((await dialog.locator('a').all()).map((one) => one.getAttribute('href')))
  expect(links).toEqual(['https://dvcs.example.com/issues/SHOP-1'])
  expect(await page.title()).toContain('SHOP-1')
})

test.each([
  ['null', null],
  ['a text', 'x'],
  ['a list', [1, 2]],
  [
    'wrong types',
    { summary: { commits: '7', branches: -3, pullRequests: 5 }, repositories: { length: 9 }, asOf: {}, panelUrl: 7 },
  ],
  [
    'lists of anything',
    {
      summary: { commits: 1e9 },
      repositories: [null, 3, { commits: [null, 'x', { message: {}, authoredAt: 'never', files: 3 }] }],
    },
  ],
  [
    'names of object members',
    {
      summary: { pullRequests: { open: 1 } },
      repositories: [{ name: '__proto__', pullRequests: [{ status: 'constructor', reviewers: [{ state: 'toString' }] }] }],
    },
  ],
])('survives %s instead of the promised shape', async (_name, value) => {
  give('SHOP-1', value)

  await open('SHOP-1')

  await panel().locator('.jira-dvcs-panel > *').first().waitFor()
  const button = panel().getByRole('button').first()
  if ((await button.count()) > 0) {
    await button.click()
    await page.getByRole('dialog').waitFor()
  }
  expect(problems).toEqual([])
})

test('survives that Jira draws the panel anew', async () => {
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  await page.evaluate(`{
    const fresh = document.createElement('div')
    fresh.setAttribute('data-jira-dvcs-panel', '')
    document.querySelector('#dvcs-development-panel .mod-content').replaceChildren(fresh)
  }`)

  await panel().getByText('2 commits').waitFor()
  expect(await panel().locator('li').count()).toBe(5)
})

test('the details work with the keyboard alone', async () => {
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByRole('button', { name: '1 branch' }).focus()

  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  const selected = await page.getByRole('tab', { selected: true }).innerText()
  const inDialog = await page.evaluate("document.activeElement.closest('dialog') !== null")
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const focused = await page.evaluate('document.activeElement.textContent')

  expect([selected, inDialog, focused]).toEqual(['Commits (2)', true, '1 branch'])
})

test('keeps what it has and says so when Jira fails', async () => {
  give('SHOP-1', development({ truncated: true }))
  await open('SHOP-1')
  await panel().getByRole('link', { name: 'Show all' }).waitFor()

  jira.setFault('login-page', { only: /properties/ })
  await comeBack()

  await panel().getByText('Jira did not give the development information.').waitFor()
  expect(await panel().getByText('2 commits').count()).toBe(1)
})
