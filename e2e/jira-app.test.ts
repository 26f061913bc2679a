import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildJiraApp } from '../src/jira/app/build-jira-app.ts'
import { launchTestBrowser } from '../test/browser.ts'
import { openPage, startTestWorld, type TestWorld } from './test-world.ts'

const LONG_MS = 60_000

let browser: Browser
let world: TestWorld
beforeAll(async () => {
  browser = await launchTestBrowser()
  world = await startTestWorld()
}, 2 * LONG_MS)
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

test(
  'an administrator downloads the app, uploads it in Jira, and finds the way back from there',
  async () => {
    const { page } = await openPage(browser, world, 'administrator')
    await page.goto(`${world.address}/settings/jira-app`)
    await page.getByText('Not installed').waitFor()
    const selected = page.getByRole('tab', { selected: true })
    expect(await selected.innerText()).toBe('Jira 10')
    await page.getByRole('listitem').filter({ hasText: world.gitlab.url }).waitFor()

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the app' }).click(),
    ])
    const jar = await readFile(await download.path())
    const { signature } = (await (await world.ask('/api/v1/jira-app')).json()) as { signature: string }

    expect(download.suggestedFilename()).toMatch(/^jira-dvcs-\d+\.\d+\.\d+\.jar$/)
    expect(await page.getByLabel('Signature').inputValue()).toBe(signature)

    world.jira.installApp(jar)
    await page.reload()
    await page.getByText('Up to date').waitFor()

    await page.goto(`${world.jira.url}/secure/admin/applications`)
    await page.getByRole('link', { name: 'DVCS accounts' }).click()
    await page.getByRole('heading', { name: 'DVCS accounts' }).waitFor()
    expect(page.url()).toBe(`${world.address}/accounts`)
  },
  LONG_MS,
)

test(
  'an older app is told apart, and the steps of another version can be read',
  async () => {
    world.jira.installApp(buildJiraApp({ version: '0.0.1', serverUrl: world.address, hosts: [] }).jar)
    const { page } = await openPage(browser, world, 'administrator')
    await page.goto(`${world.address}/settings/jira-app`)

    await page.getByText('Older', { exact: true }).waitFor()
    expect(await page.getByText('It works; upload the new one').locator('..').innerText()).toContain('0.0.1')
    await page.getByRole('tab', { name: 'Jira 11' }).click()
    const steps = page.getByRole('tabpanel').getByRole('listitem')

    expect(await steps.first().innerText()).toContain('upmconfig/truststore/')
    expect(await page.getByText('paste the signature into the field').isVisible()).toBe(true)
  },
  LONG_MS,
)

test(
  'a viewer gets neither the page nor the file',
  async () => {
    const { page } = await openPage(browser, world, 'viewer')
    const answers = await Promise.all(
      ['', '/jar', '/certificate'].map((path) => page.request.get(`${world.address}/api/v1/jira-app${path}`)),
    )

    expect(answers.map((answer) => answer.status())).toEqual([404, 404, 404])
  },
  LONG_MS,
)
