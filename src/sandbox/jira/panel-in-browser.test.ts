import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchTestBrowser } from '../../../test/browser.ts'
import { developmentValue as development, startTestPanel, type TestPanel } from './test-panel.ts'

let browser: Browser
let t: TestPanel
let page: Page

beforeAll(async () => {
  browser = await launchTestBrowser()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  t = await startTestPanel(browser)
  page = t.page
})
afterEach(async () => {
  await t.close()
  expect(t.problems).toEqual([])
})

const panel = () => t.panel()

test('shows the rows in the order and words of Jira', async () => {
  t.give('SHOP-1', development())

  await t.open('SHOP-1')

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
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
  const run = (state: string, more: object) => ({ id: '7', state, url: 'https://gitlab.example.com/7', ...more })
  const value = development()
  t.give('SHOP-1', {
    ...value,
    summary: { ...value.summary, builds: { successful: 1, failed: 0, inProgress: 0 }, deployments: { environments: [] } },
    repositories: value.repositories.map((repository) => ({
      ...repository,
      builds: [
        run('FAILED', {
          number: 31,
          ref: 'SHOP-1-total',
          finishedAt: ago(60_000),
          jobs: { total: 14, successful: 12, failed: 1 },
        }),
        run('CANCELLED', { number: 30, ref: 'SHOP-1-total', finishedAt: ago(120_000) }),
      ],
      deployments: [run('IN_PROGRESS', { environment: 'staging', environmentType: 'staging', finishedAt: null })],
    })),
  })
  await t.open('SHOP-1')

  await panel().getByRole('button', { name: '2 builds' }).click()
  const dialog = page.getByRole('dialog')
  const rows = async () => (await dialog.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' ').trim())
  expect(await rows()).toEqual([
    expect.stringMatching(/^#31 SHOP-1-total FAILED 12 of 14 jobs passed, 1 failed /) as string,
    expect.stringMatching(/^#30 SHOP-1-total CANCELLED/) as string,
  ])
  await dialog.getByRole('button', { name: 'Close' }).click()
  await panel().getByRole('button', { name: '1 deployment' }).click()
  expect(await rows()).toEqual(['staging Staging IN PROGRESS Under way'])
})

test('a push shows within seconds, without a reload', async () => {
  t.give('SHOP-1', development({ commits: 2 }))
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  t.give('SHOP-1', development({ commits: 3 }))

  await panel().getByText('3 commits').waitFor({ timeout: 8000 })
  expect(await panel().getByText('2 commits').count()).toBe(0)
})

test('hides its module without data and appears with the first', async () => {
  const asked = page.waitForResponse(/properties/)
  await t.open('SHOP-2')
  await asked
  await panel().waitFor({ state: 'hidden' })

  t.give('SHOP-2', development())
  await t.comeBack()

  await panel().getByText('2 commits').waitFor()
  expect(await panel().locator('h4').isVisible()).toBe(true)
})

test('says so when there is nothing', async () => {
  t.give('SHOP-1', { asOf: new Date().toISOString(), summary: { commits: 0 }, panelUrl: 'https://dvcs.example.com/' })

  await t.open('SHOP-1')

  await panel().getByText('No development information').waitFor()
  expect(await panel().getByRole('button').count()).toBe(0)
})

test('survives that Jira draws the panel anew', async () => {
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
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
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
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
  t.give('SHOP-1', development({ truncated: true }))
  await t.open('SHOP-1')
  await panel().getByRole('link', { name: 'Show all' }).waitFor()

  t.jira.setFault('login-page', { only: /properties/ })
  await t.comeBack()

  await panel().getByText('Jira did not give the development information.').waitFor()
  expect(await panel().getByText('2 commits').count()).toBe(1)
})

/** Puts what Jira puts there: the panel of another issue beside what the page was opened for. */
const drawElsewhere = (frame: string) => page.evaluate(`document.querySelector('#content').innerHTML = ${JSON.stringify(frame)}`)

const WEB_PANEL = `<div id="dvcs-development-panel" class="module"><div class="mod-content"><div data-jira-dvcs-panel></div></div></div>`

test('in split view the issue beside the list counts, not the one that the page was opened for', async () => {
  t.give('SHOP-1', development({ commits: 2 }))
  t.give('SHOP-2', development({ commits: 7 }))
  const other = t.jira.world.findIssue('SHOP-2')?.id
  await t.open('SHOP-1')
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
  t.give('SHOP-2', development({ commits: 7 }))
  t.give('SHOP-3', development({ commits: 9 }))
  await t.open('SHOP-1')
  const detail = (key: string) =>
    `<div id="ghx-detail-issue" data-issuekey="${key}" data-issueid="${t.jira.world.findIssue(key)?.id}">${WEB_PANEL}</div>`

  await drawElsewhere(detail('SHOP-2'))
  await panel().getByText('7 commits').waitFor()
  await drawElsewhere(detail('SHOP-3'))

  await panel().getByText('9 commits').waitFor()
  expect(await panel().getByText('7 commits').count()).toBe(0)
})

test('an answer that comes late does not show on the next issue', async () => {
  t.give('SHOP-1', development({ commits: 2 }))
  t.give('SHOP-2', development({ commits: 7 }))
  const [first, second] = ['SHOP-1', 'SHOP-2'].map((key) => t.jira.world.findIssue(key)?.id)
  let held: () => void = () => undefined
  const hold = new Promise<void>((resolve) => (held = resolve))
  await page.route(`**/issue/${first}/properties/*`, async (route) => {
    await hold
    await route.continue().catch(() => undefined)
  })
  const aborted = page.waitForEvent('requestfailed', (request) => request.url().includes(`/issue/${first}/`))
  await t.open('SHOP-1')

  await drawElsewhere(
    `<div><a id="key-val" rel="${second}" data-issue-key="SHOP-2">SHOP-2</a></div><div class="side">${WEB_PANEL}</div>`,
  )
  await panel().getByText('7 commits').waitFor()
  expect((await aborted).failure()?.errorText).toBe('net::ERR_ABORTED')
  held()
  await t.comeBack()

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
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  await page.route('**/properties/*', (route) => route.fulfill({ contentType: 'application/json', ...answer }))
  await t.comeBack()

  await panel().getByText('Sign in to Jira again to see development information.').waitFor()
  expect(await panel().getByText('2 commits').count()).toBe(1)
  t.problems.splice(0, t.problems.length, ...t.problems.filter((problem) => !problem.includes('401')))
})

test('looks again when Jira says that it drew the issue anew, without jQuery of ours', async () => {
  await page.addInitScript(`{
    const listeners = []
    window.JIRA = { Events: { ISSUE_REFRESHED: 'issueRefreshed' }, bind: (event, react) => listeners.push([event, react]) }
    window.tellTheApp = () => { for (const [event, react] of listeners) if (event === 'issueRefreshed') react() }
  }`)
  t.give('SHOP-1', development({ commits: 2 }))
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()
  await page.waitForTimeout(1100)
  t.give('SHOP-1', development({ commits: 3 }))

  await page.evaluate('window.tellTheApp()')

  await panel().getByText('3 commits').waitFor({ timeout: 2000 })
  expect(await panel().getByText('2 commits').count()).toBe(0)
})

test('loaded twice it works once, and leaves one name on the page', async () => {
  t.give('SHOP-1', development())
  await page.addInitScript('window.namesBefore = Object.getOwnPropertyNames(window)')
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()
  const script = await page.locator('script[src*="contextbatch"]').getAttribute('src')
  let asked = 0
  page.on('request', (request) => void (request.url().includes('/properties/') && (asked += 1)))

  await page.addScriptTag({ url: `${new URL(t.jira.url).origin}${script}` })
  await t.comeBack()
  await page.waitForTimeout(300)

  expect(asked).toBe(1)
  const added = await page.evaluate(
    "Object.getOwnPropertyNames(window).filter((name) => !window.namesBefore.includes(name) && name !== 'namesBefore')",
  )
  expect(added).toEqual(['jiraDvcs'])
})

test.each(['light', 'dark'] as const)('reads well in a %s theme', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
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
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()

  const colours = await page.evaluate(
    "['.jira-dvcs-panel', '.jira-dvcs-open', '.jira-dvcs-note'].map((one) => getComputedStyle(document.querySelector(one)).color)",
  )

  expect(colours).toEqual(['rgb(23, 43, 77)', 'rgb(0, 82, 204)', 'rgb(94, 108, 132)'])
})

test('Jira’s keyboard shortcuts stay out of the details', async () => {
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
  await page.evaluate("document.addEventListener('keydown', (event) => { document.title = 'shortcut ' + event.key })")
  await panel().getByRole('button', { name: '2 commits' }).click()
  await page.getByRole('dialog').waitFor()

  await page.keyboard.press('e')

  expect(await page.title()).not.toContain('shortcut e')
})
