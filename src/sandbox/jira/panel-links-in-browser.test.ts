import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchTestBrowser } from '../../../test/browser.ts'
import { developmentValue as development, startTestPanel, type TestPanel, type TestPanelOptions } from './test-panel.ts'

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

test('treats the property as hostile text', async () => {
  const url = 'javascript:document.title="hacked"'
  t.give('SHOP-1', development({ message: '<img src=x onerror="document.title=1"><b>SHOP-1</b>', url }))
  await t.open('SHOP-1')

  await panel().getByRole('button', { name: '2 commits' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByText('<img src=x onerror="document.title=1"><b>SHOP-1</b>').waitFor()
  expect(await dialog.locator('img, b, script').count()).toBe(0)
  expect(await t.linksIn(dialog)).toEqual(['https://dvcs.example.com/issues/SHOP-1'])
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
  t.give('SHOP-1', value)

  await t.open('SHOP-1')

  await panel().locator('.jira-dvcs-panel > *').first().waitFor()
  const button = panel().getByRole('button').first()
  if ((await button.count()) > 0) {
    await button.click()
    await page.getByRole('dialog').waitFor()
  }
  expect(t.problems).toEqual([])
})

test('no address with a name before its host becomes a link, and no text turns around', async () => {
  const url = 'https://gitlab.example.com@evil.example.com/acme/shop'
  t.give('SHOP-1', development({ message: 'SHOP-1 \u202egnp.exe\u0007 \u2066hidden\u2069', url }))
  await t.open('SHOP-1')

  await panel().getByRole('button', { name: '2 commits' }).click()
  const dialog = page.getByRole('dialog')

  await dialog.getByText('SHOP-1 \ufffdgnp.exe\ufffd \ufffdhidden\ufffd').waitFor()
  expect(await t.linksIn(dialog)).toEqual(['https://dvcs.example.com/issues/SHOP-1'])
})

/** What the panel makes of addresses; of the element as the app packed it. */
const followed = (addresses: readonly string[]) =>
  page.evaluate<readonly (string | null)[]>(`(() => {
    const element = document.querySelector('[data-jira-dvcs-panel]')
    const { find } = window.jiraDvcs.addressesOf(element, 'SHOP-1')
    return ${JSON.stringify(addresses)}.map(find).map((found) => found === null ? null : found.isDirect ? found.href : 'panel')
  })()`)

async function openWith(options: TestPanelOptions): Promise<void> {
  await t.close()
  t = await startTestPanel(browser, options)
  page = t.page
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
  await panel().getByText('2 commits').waitFor()
}

type Made = readonly (readonly [address: string, made: string | null])[]

/** The same addresses with what the panel makes of each: itself, `panel`, or nothing. */
async function makeOf(expected: Made): Promise<Made> {
  const made = await followed(expected.map(([address]) => address))
  return expected.map(([address], index) => [address, made[index] ?? null])
}

test('only links to the packed hosts and to the connector are direct, however an address is written', async () => {
  await openWith({
    hosts: ['https://gitlab.example.com', 'http://GÏT.example.com:80/', 'https://git.example.com:8443', 'http://[::1]:81'],
  })

  const expected: Made = [
    ['https://gitlab.example.com/acme/shop?a=b#c', 'https://gitlab.example.com/acme/shop?a=b#c'],
    ['HTTPS://GitLab.Example.COM:443/acme', 'https://gitlab.example.com/acme'],
    ['https:\\\\gitlab.example.com\\acme', 'https://gitlab.example.com/acme'],
    ['http://gït.example.com/acme', 'http://xn--gt-tja.example.com/acme'],
    ['http://xn--gt-tja.example.com', 'http://xn--gt-tja.example.com/'],
    ['https://git.example.com:8443/acme', 'https://git.example.com:8443/acme'],
    ['http://[0:0::1]:81/acme', 'http://[::1]:81/acme'],
    ['https://dvcs.example.com/issues/SHOP-2', 'https://dvcs.example.com/issues/SHOP-2'],
    // Another scheme, port or name is another host.
    ['http://gitlab.example.com/acme', 'panel'],
    ['https://git.example.com/acme', 'panel'],
    ['https://gitlab.example.com:8443/acme', 'panel'],
    ['https://gitlab.example.com.evil.example/acme', 'panel'],
    ['https://gitlab.example.com%2eevil.example/acme', 'panel'],
    ['https://gitlab.example.com\t.evil.example/acme', 'panel'],
    ['https://gitlab.example.com\\.evil.example/acme', 'https://gitlab.example.com/.evil.example/acme'],
    ['https://evil.example/https://gitlab.example.com/', 'panel'],
    ['https:\\\\evil.example\\gitlab.example.com', 'panel'],
    ['https://gіtlab.example.com/acme', 'panel'],
    ['https://evil.example#@gitlab.example.com/', 'panel'],
    // What passes for another host, or is no web address.
    ['https://gitlab.example.com@evil.example/acme', null],
    ['https://name:word@gitlab.example.com/acme', null],
    ['//gitlab.example.com/acme', null],
    ['//evil.example/acme', null],
    ['/acme', null],
    ['gitlab.example.com', null],
    ['javascript:alert(1)', null],
    [' java\nscript:alert(1)', null],
    ['data:text/html,<script>alert(1)</script>', null],
    ['blob:https://gitlab.example.com/1', null],
    ['file:///etc/passwd', null],
    ['ftp://gitlab.example.com/', null],
    ['', null],
  ]

  expect(await makeOf(expected)).toEqual(expected)
})

test('hosts and the connector may be known by a path: nothing beside it is', async () => {
  await openWith({ serverUrl: 'https://tools.example.com/dvcs', hosts: ['https://tools.example.com/gitlab/'] })

  const expected: Made = [
    ['https://tools.example.com/dvcs/issues/SHOP-1', 'https://tools.example.com/dvcs/issues/SHOP-1'],
    ['https://tools.example.com/dvcs', 'https://tools.example.com/dvcs'],
    ['https://tools.example.com/gitlab/acme', 'https://tools.example.com/gitlab/acme'],
    ['https://tools.example.com/jira/secure/admin', 'panel'],
    ['https://tools.example.com/dvcs-other/', 'panel'],
    ['https://tools.example.com/gitlab/../jira/', 'panel'],
    ['https://tools.example.com/gitlab/%2e%2e/jira/', 'panel'],
    ['https://tools.example.com/', 'panel'],
  ]

  expect(await makeOf(expected)).toEqual(expected)
  await panel().getByRole('button', { name: '2 commits' }).click()
  // The one that shows the rest; the repository of the property is at another host.
  const links = new Set(await t.linksIn(page.getByRole('dialog')))
  expect(links).toEqual(new Set(['https://tools.example.com/dvcs/issues/SHOP-1']))
})

test('links to a host that the app does not know lead to the issue in the connector, and say so', async () => {
  t.give('SHOP-1', development({ url: 'https://git.other.example/acme/shop' }))
  await t.open('SHOP-1')

  await panel().getByRole('button', { name: '1 branch' }).click()
  const link = page.getByRole('dialog').getByRole('link', { name: 'SHOP-1-total' })

  expect(await link.getAttribute('href')).toBe('https://dvcs.example.com/issues/SHOP-1')
  expect(await link.getAttribute('title')).toContain('does not know the host')
  expect(new Set(await t.linksIn(page.getByRole('dialog')))).toEqual(new Set(['https://dvcs.example.com/issues/SHOP-1']))
})

test.each(['https://evil.example/issues/SHOP-1', 'https://dvcs.example.com/issues/PAY-1', 'javascript:alert(1)', undefined])(
  'the way to the connector is the packed one, and not %s of the property',
  async (panelUrl) => {
    t.give('SHOP-1', { ...development({ truncated: true }), panelUrl, issue: 'EVIL-7' })
    await t.open('SHOP-1')

    const link = panel().getByRole('link', { name: 'Show all' })
    await link.waitFor()

    expect(await link.getAttribute('href')).toBe('https://dvcs.example.com/issues/SHOP-1')
  },
)

test('an element that no app packed links nowhere', async () => {
  t.give('SHOP-1', development({ truncated: true }))
  await page.route('**/browse/SHOP-1', async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    await route.fulfill({
      response,
      body: text.replace(/data-base="[^"]+" data-hosts="[^"]+"/, 'data-base="javascript:alert(1)"'),
    })
  })
  await t.open('SHOP-1')
  await panel().getByRole('button', { name: '2 commits' }).click()

  expect(await page.locator('[data-base^="javascript:"]').count()).toBe(1)
  expect(await t.linksIn(page.locator('.jira-dvcs-panel, [role="dialog"], dialog'))).toEqual([])
})

test('what an address of a host holds stays inside its attribute', async () => {
  await openWith({ hosts: [`https://a"><img src=x onerror=alert(1)>/`, `https://b'&quot;/`, 'https://gitlab.example.com/"><b>'] })

  expect(await page.locator('[data-jira-dvcs-panel]').getAttribute('data-hosts')).toBe(
    `https://b'&quot; https://gitlab.example.com/%22%3E%3Cb%3E`,
  )
  expect(await panel().locator('img, b').count()).toBe(0)
})

test('links keep their page to themselves', async () => {
  t.give('SHOP-1', development())
  await t.open('SHOP-1')
  await panel().getByRole('button', { name: '2 commits' }).click()

  const dialog = page.getByRole('dialog')
  await dialog.locator('a').first().waitFor()
  const relations = await Promise.all((await dialog.locator('a').all()).map((one) => one.getAttribute('rel')))

  expect(new Set(relations)).toEqual(new Set(['noopener noreferrer']))
})

test('a browser without dialogs gets a link to the connector', async () => {
  await page.addInitScript('delete window.HTMLDialogElement')
  t.give('SHOP-1', development())
  await t.open('SHOP-1')

  const link = panel().getByRole('link', { name: '2 commits' })
  await link.waitFor()

  expect(await link.getAttribute('href')).toBe('https://dvcs.example.com/issues/SHOP-1')
})
