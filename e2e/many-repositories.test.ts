import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { saveListedRepository } from '../src/db/stores/repositories.ts'
import { accountId, hostId } from '../src/domain/ids.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { standInForBulk } from './bulk-stand-in.ts'
import { openAdministratorPage, startTestWorld, type TestWorld } from './test-world.ts'

const MANY = 10_000
/** A screen full of rows and some above and below it. */
const ROWS_IN_DOCUMENT = 60

let browser: Browser
let world: TestWorld
let page: Page
let problems: string[]

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld()
  await insertRepositories()
  const opened = await openAdministratorPage(browser)
  page = opened.page
  problems = opened.problems
  await standInForBulk(page, world)
}, 180_000)

afterAll(async () => {
  await world?.close()
  await browser?.close()
})

/** Not linked: nothing synchronises them. */
async function insertRepositories(): Promise<void> {
  for (let start = 0; start < MANY; start += 1_000) {
    await world.app.db.write('background', async (tx) => {
      for (let number = start; number < start + 1_000; number += 1) {
        const path = `acme/service-${String(number).padStart(5, '0')}`
        await saveListedRepository(
          tx,
          {
            hostId: hostId(String(100_000 + number)),
            path,
            webUrl: `https://gitlab.example.com/${path}`,
            defaultBranch: 'main',
            lastActivityAt: new Date(1_700_000_000_000 + number * 60_000),
            archived: false,
            empty: false,
            gitEnabled: true,
            pullRequestsEnabled: true,
            forkOf: null,
          },
          { accountId: accountId('acme'), linked: false, smartCommits: true },
        )
      }
    })
  }
}

const countRows = () => page.getByRole('row').count()

/** Scrolls the table to its end until no more rows come, noting how many were in the document and how long frames took. */
async function scrollToEnd(): Promise<{ largestCount: number }> {
  const table = page.getByRole('table', { name: 'Repositories of Acme' })
  let largestCount = 0
  for (let last = ''; ;) {
    await table.evaluate('(table) => { table.parentElement.scrollTop = table.parentElement.scrollHeight }')
    largestCount = Math.max(largestCount, await countRows())
    const name = (await page.getByRole('row').last().getAttribute('aria-rowindex')) ?? ''
    if (name === String(MANY + 1)) return { largestCount }
    if (name === last) await page.waitForTimeout(20)
    last = name
  }
}

test(
  '10,000 repositories are scrolled and searched with a screen full of rows in the document',
  { timeout: 180_000 },
  async () => {
    await page.goto(`${world.address}/accounts`)
    await page.getByText('acme/service-00000').waitFor()
    expect(await countRows()).toBeLessThan(ROWS_IN_DOCUMENT)

    const { largestCount } = await scrollToEnd()
    await page.getByText('acme/service-09999').waitFor()
    expect(largestCount).toBeLessThan(ROWS_IN_DOCUMENT)

    const startedAt = performance.now()
    await page.getByRole('checkbox', { name: 'Select acme/service-09999' }).check()
    await page.getByText('1 selected').waitFor()
    // Far from what people notice, with room for a machine that does other work.
    expect(performance.now() - startedAt).toBeLessThan(2_000)

    await page.getByRole('searchbox', { name: 'Search repositories of Acme' }).fill('service-0777')
    await page.getByText('acme/service-07770').waitFor()
    await expect.poll(countRows).toBe(11)
    expect(problems).toEqual([])
  },
)
