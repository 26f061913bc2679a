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

test('no address with a name before its host becomes a link, and no text turns around', async () => {
  const url = 'https://gitlab.example.com@evil.example.com/acme/shop'
  give('SHOP-1', development({ message: 'SHOP-1 \u202egnp.exe\u0007 \u2066hidden\u2069', url }))
  await open('SHOP-1')

  await panel().getByRole('button', { name: '2 commits' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByText('SHOP-1 \ufffdgnp.exe\ufffd \ufffdhidden\ufffd').waitFor()
  const links = await Promise.all((await dialog.locator('a').all()).map((one) => one.getAttribute('href')))
  expect(links).toEqual(['https://dvcs.example.com/issues/SHOP-1'])
})

test('links keep their page to themselves', async () => {
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByRole('button', { name: '2 commits' }).click()

  const dialog = page.getByRole('dialog')
  await dialog.locator('a').first().waitFor()
  const relations = await Promise.all((await dialog.locator('a').all()).map((one) => one.getAttribute('rel')))

  expect(new Set(relations)).toEqual(new Set(['noopener noreferrer']))
})

/** Puts what Jira puts there: the panel of another issue beside what the page was opened for. */
const drawElsewhere = (frame: string) => page.evaluate(`document.querySelector('#content').innerHTML = ${JSON.stringify(frame)}`)

const WEB_PANEL = `<div id="dvcs-development-panel" class="module"><div class="mod-content"><div data-jira-dvcs-panel></div></div></div>`

test('in split view the issue beside the list counts, not the one that the page was opened for', async () => {
  give('SHOP-1', development({ commits: 2 }))
  give('SHOP-2', development({ commits: 7 }))
  const other = jira.world.findIssue('SHOP-2')?.id
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  await drawElsewhere(
    `<div><a id="key-val" rel="${other}" data-issue-key="SHOP-2">SHOP-2</a></div><div class="side">${WEB_PANEL}</div>`,
  )

  await panel().getByText('7 commits').waitFor()
  expect(await page.locator('meta[name="ajs-issue-key"]').getAttribute('content')).toBe('SHOP-1')
  await panel().getByRole('button', { name: '7 commits' }).click()
  expect(await page.getByRole('heading', { level: 2 }).innerText()).toBe('SHOP-2: Development')
})

test('beside a board the issue of the detail view counts, and the next one that is chosen', async () => {
  give('SHOP-2', development({ commits: 7 }))
  give('SHOP-3', development({ commits: 9 }))
  await open('SHOP-1')
  const detail = (key: string) =>
    `<div id="ghx-detail-issue" data-issuekey="${key}" data-issueid="${jira.world.findIssue(key)?.id}">${WEB_PANEL}</div>`

  await drawElsewhere(detail('SHOP-2'))
  await panel().getByText('7 commits').waitFor()
  await drawElsewhere(detail('SHOP-3'))

  await panel().getByText('9 commits').waitFor()
  expect(await panel().getByText('7 commits').count()).toBe(0)
})

test('an answer that comes late does not show on the next issue', async () => {
  give('SHOP-1', development({ commits: 2 }))
  give('SHOP-2', development({ commits: 7 }))
  const [first, second] = ['SHOP-1', 'SHOP-2'].map((key) => jira.world.findIssue(key)?.id)
  let held: () => void = () => undefined
  const hold = new Promise<void>((resolve) => (held = resolve))
  await page.route(`**/issue/${first}/properties/*`, async (route) => {
    await hold
    await route.continue().catch(() => undefined)
  })
  const aborted = page.waitForEvent('requestfailed', (request) => request.url().includes(`/issue/${first}/`))
  await open('SHOP-1')

  await drawElsewhere(
    `<div><a id="key-val" rel="${second}" data-issue-key="SHOP-2">SHOP-2</a></div><div class="side">${WEB_PANEL}</div>`,
  )
  await panel().getByText('7 commits').waitFor()
  expect((await aborted).failure()?.errorText).toBe('net::ERR_ABORTED')
  held()
  await comeBack()

  expect(await panel().getByText('2 commits').count()).toBe(0)
  expect(await panel().getByText('7 commits').count()).toBe(1)
})

test.each([
  ['is refused', { status: 401, body: '{"errorMessages":["You are not authenticated."]}' }],
  [
    'finds the issue hidden',
    { status: 404, headers: { 'X-AUSERNAME': 'anonymous' }, body: '{"errorMessages":["Issue Does Not Exist"]}' },
  ],
])('when the session in Jira ended and the panel %s, it says so and keeps what it has', async (_name, answer) => {
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  await page.route('**/properties/*', (route) => route.fulfill({ contentType: 'application/json', ...answer }))
  await comeBack()

  await panel().getByText('Sign in to Jira again to see development information.').waitFor()
  expect(await panel().getByText('2 commits').count()).toBe(1)
  problems = problems.filter((problem) => !problem.includes('401'))
})

test('looks again when Jira says that it drew the issue anew, without jQuery of ours', async () => {
  await page.addInitScript(`{
    const listeners = []
    window.JIRA = { Events: { ISSUE_REFRESHED: 'issueRefreshed' }, bind: (event, react) => listeners.push([event, react]) }
    window.tellTheApp = () => { for (const [event, react] of listeners) if (event === 'issueRefreshed') react() }
  }`)
  give('SHOP-1', development({ commits: 2 }))
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()
  await page.waitForTimeout(1100)
  give('SHOP-1', development({ commits: 3 }))

  await page.evaluate('window.tellTheApp()')

  await panel().getByText('3 commits').waitFor({ timeout: 2000 })
  expect(await panel().getByText('2 commits').count()).toBe(0)
})

test('loaded twice it works once, and leaves one name on the page', async () => {
  give('SHOP-1', development())
  await page.addInitScript('window.namesBefore = Object.getOwnPropertyNames(window)')
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()
  const script = await page.locator('script[src*="contextbatch"]').getAttribute('src')
  let asked = 0
  page.on('request', (request) => void (request.url().includes('/properties/') && (asked += 1)))

  await page.addScriptTag({ url: `${new URL(jira.url).origin}${script}` })
  await comeBack()
  await page.waitForTimeout(300)

  expect(asked).toBe(1)
  const added = await page.evaluate(
    "Object.getOwnPropertyNames(window).filter((name) => !window.namesBefore.includes(name) && name !== 'namesBefore')",
  )
  expect(added).toEqual(['jiraDvcs'])
})

test.each(['light', 'dark'] as const)('reads well in a %s theme', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByRole('button', { name: '2 commits' }).click()
  await page.getByRole('dialog').waitFor()

  const brightness = (selector: string, property: string) =>
    page.evaluate<number>(`(() => {
      const [r, g, b] = getComputedStyle(document.querySelector(${JSON.stringify(selector)}))[${JSON.stringify(property)}].match(/\\d+/g)
      return (r * 299 + g * 587 + b * 114) / 1000
    })()`)
  const [text, surface] = [
    await brightness('.jira-dvcs-dialog', 'color'),
    await brightness('.jira-dvcs-dialog', 'backgroundColor'),
  ]

  expect(Math.abs(text - surface)).toBeGreaterThan(120)
  expect(surface > 128).toBe(colorScheme === 'light')
})

test('without design tokens, as before Jira 10, it has the colours of Jira’s original theme', async () => {
  await page.route('**/s/look.css', (route) => route.fulfill({ contentType: 'text/css', body: '' }))
  give('SHOP-1', development())
  await open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  const colours = await page.evaluate(
    "['.jira-dvcs-panel', '.jira-dvcs-open', '.jira-dvcs-note'].map((one) => getComputedStyle(document.querySelector(one)).color)",
  )

  expect(colours).toEqual(['rgb(23, 43, 77)', 'rgb(0, 82, 204)', 'rgb(94, 108, 132)'])
})

test('Jira’s keyboard shortcuts stay out of the details', async () => {
  give('SHOP-1', development())
  await open('SHOP-1')
  await page.evaluate("document.addEventListener('keydown', (event) => { document.title = 'shortcut ' + event.key })")
  await panel().getByRole('button', { name: '2 commits' }).click()
  await page.getByRole('dialog').waitFor()

  await page.keyboard.press('e')

  expect(await page.title()).not.toContain('shortcut e')
})

test('a browser without dialogs gets a link to the connector', async () => {
  await page.addInitScript('delete window.HTMLDialogElement')
  give('SHOP-1', development())
  await open('SHOP-1')

  const link = panel().getByRole('link', { name: '2 commits' })
  await link.waitFor()

  expect(await link.getAttribute('href')).toBe('https://dvcs.example.com/issues/SHOP-1')
})
