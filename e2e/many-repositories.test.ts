import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { saveListedRepository } from '../src/db/stores/repositories.ts'
import { accountId, hostId } from '../src/domain/ids.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

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
  const opened = await openPage(browser, world, 'administrator')
  page = opened.page
  problems = opened.problems
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await world?.close()
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
  let largestCount = 0
  for (let last = ''; ;) {
    await page.evaluate("document.querySelector('[role=table]').parentElement.scrollTop = 1e9")
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
    await page.getByRole('link', { name: 'acme/service-00000', exact: true }).waitFor()
    expect(await countRows()).toBeLessThan(ROWS_IN_DOCUMENT)

    const { largestCount } = await scrollToEnd()
    await page.getByRole('link', { name: 'acme/service-09999', exact: true }).waitFor()
    expect(largestCount).toBeLessThan(ROWS_IN_DOCUMENT)

    const startedAt = performance.now()
    await page.getByRole('checkbox', { name: 'Select acme/service-09999' }).check()
    await page.getByText('1 selected').waitFor()
    // Far from what people notice, with room for a machine that does other work.
    expect(performance.now() - startedAt).toBeLessThan(2_000)

    await page.getByRole('searchbox', { name: 'Search repositories of Acme' }).fill('service-0777')
    await page.getByRole('link', { name: 'acme/service-07770', exact: true }).waitFor()
    await expect.poll(countRows).toBe(11)
    expect(problems).toEqual([])
  },
)
