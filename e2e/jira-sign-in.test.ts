import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000

let browser: Browser
let world: TestWorld

beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld({
    fill: ({ jira }) => {
      // It has no OAuth 2.0 yet.
      jira.configure({ version: '8.20.30' })
      return Promise.resolve()
    },
  })
}, 2 * LONG_MS)

afterAll(async () => {
  await world?.close()
  await browser?.close()
})

test('an administrator sets an application link up, and people sign in by it', { timeout: 3 * LONG_MS }, async () => {
  const { page, problems } = await openPage(browser, world, 'administrator')
  page.setDefaultTimeout(LONG_MS)
  await page.goto(`${world.address}/settings/jira`)
  await page.getByRole('button', { name: 'Make a key pair' }).click()
  const publicKey = await page.getByLabel('Public key').inputValue()
  const consumerKey = await page.getByLabel('Consumer key').inputValue()
  expect(publicKey.split('\n')[0]).toBe('-----BEGIN PUBLIC KEY-----')

  const test = page.getByRole('button', { name: 'Test', exact: true })
  await test.click()
  await page.getByText('does not know the consumer key', { exact: false }).waitFor()
  world.jira.setApplicationLink({ consumerKey, publicKey, person: 'vera' })
  await test.click()
  await page.getByText('Accepted', { exact: true }).waitFor()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  // The browser tells of the answer that said no.
  expect(problems.filter((problem) => !problem.includes('502'))).toEqual([])
  await page.context().close()

  const context = await browser.newContext()
  const stranger = await context.newPage()
  stranger.setDefaultTimeout(LONG_MS)
  await stranger.goto(`${world.address}/sign-in?next=${encodeURIComponent('/profile')}`)
  await stranger.getByRole('link', { name: 'Continue with Jira' }).click()

  await stranger.getByText('Vera Viewer (vera)').waitFor()
  expect(new URL(stranger.url()).pathname).toBe('/profile')
  await context.close()
})
