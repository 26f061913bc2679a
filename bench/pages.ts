import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, Page } from 'playwright-core'
import { openDatabase } from '../src/db/open-database.ts'
import { silentLogger } from '../src/lib/logger.ts'
import { launchTestBrowser } from '../test/browser.ts'
import type { Bench } from './bench.ts'
import { atMost, highest, median, percentile } from './figures.ts'
import { findFreePort, startServe } from './serve.ts'

const TOKEN = 'token-of-the-benchmark'
const PERSON = { name: 'ada', displayName: 'Ada Lovelace', password: 'a password for the benchmark' }
const REPOSITORIES = 10_000
const ROUNDS = 3
const SCROLLS = 30
const ASKED_MS = 100
const STEP_MS = 20_000
const BUILD_MS = 120_000
const NEWEST = Date.UTC(2026, 9, 1)

/** The page of the accounts with 10,000 repositories in a browser: how long what somebody does there takes to be seen. */
export async function benchPages(bench: Bench): Promise<void> {
  const root = join(import.meta.dirname, '..')
  await buildWebInterface(root, join(dirname(dirname(bench.launcher)), 'dist', 'web'))
  const folder = join(bench.folder, 'pages')
  const port = await findFreePort()
  const file = await prepare(folder, port)
  const serving = await startServe(bench, { file, port })
  const browser = await launchTestBrowser()
  try {
    const page = await openAccounts(browser, serving.url)
    const meter = await meterOf(page)
    for (let round = 0; round < ROUNDS; round += 1) await useThePage(page, meter.measure)
    const measured = (await page.evaluate('window.measured')) as { interactions: number[] }
    bench.report.note(`${measured.interactions.length} keys, clicks and scrolls on a page of ${REPOSITORIES} repositories`)
    const add = (name: string, reached: number | null, asked = true) =>
      bench.report.add({ benchmark: 'pages', name, unit: 'ms', reached, ...(asked ? { asked: atMost(ASKED_MS) } : {}) })
    add('interaction to next paint, median', median(measured.interactions), false)
    add('interaction to next paint, 99th percentile', percentile(measured.interactions, 0.99))
    add('interaction to next paint, longest', highest(measured.interactions))
    add('computing of the page for an interaction, median', median(meter.computed), false)
    add('computing of the page for an interaction, 99th percentile', percentile(meter.computed, 0.99), false)
    add('computing of the page for an interaction, longest', highest(meter.computed), false)
  } finally {
    await browser.close()
    await serving.stop()
  }
}

/** What the built package would bring along. */
async function buildWebInterface(root: string, outDir: string): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--config', join('web', 'vite.config.mts'), '--outDir', outDir, '--logLevel', 'error']
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], timeout: BUILD_MS })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`Building the web interface ended with ${code}`)
}

/** A configuration beside a database that is filled by SQL alone. Returns the configuration's file. */
async function prepare(folder: string, port: number): Promise<string> {
  await mkdir(join(folder, 'data'), { recursive: true })
  const db = await openDatabase({ database: 'sqlite', dataDir: join(folder, 'data'), log: silentLogger })
  await db.close()
  const database = new DatabaseSync(join(folder, 'data', 'connector.sqlite'))
  try {
    database.exec(`with recursive n(i) as (select 0 union all select i + 1 from n where i < ${REPOSITORIES - 1})
      insert into repositories (account_id, host_id, path, web_url, archived, empty, git_enabled, pull_requests_enabled, linked,
      smart_commits, sync_state, sync_mode, sync_started_at, sync_finished_at, history_complete, webhook_state, last_activity_at)
      select 'acme', i + 1, 'acme/service-' || printf('%05d', i), 'https://gitlab.example.com/acme/service-' || i, 0, 0, 1, 1,
      i % 10 <> 0, 1, 'idle', 'soft', ${NEWEST}, ${NEWEST}, 1, 'off', ${NEWEST} - i * 60000 from n`)
  } finally {
    database.close()
  }
  const file = join(folder, 'connector.yaml')
  const text = `server: { listen: "127.0.0.1:${port}", adminToken: ${TOKEN} }
dataDir: ./data
sync: { interval: 'off' }
accounts:
  - { id: acme, name: Acme, host: gitlab, url: "http://127.0.0.1:9", token: not-used, webhooks: 'off' }
`
  await writeFile(file, text, { mode: 0o600 })
  return file
}

/** From each event to the end of the frame that shows what it did. */
const MEASURE = `
  window.measured = { interactions: [] }
  const channel = new MessageChannel()
  let waiting = []
  channel.port1.onmessage = () => {
    const now = performance.now()
    for (const at of waiting.splice(0)) window.measured.interactions.push(now - at)
  }
  const note = ({ timeStamp }) => {
    waiting.push(timeStamp)
    if (waiting.length === 1) requestAnimationFrame(() => channel.port2.postMessage(null))
  }
  for (const name of ['keydown', 'pointerdown', 'click', 'input', 'change', 'wheel', 'scroll'])
    addEventListener(name, note, { capture: true, passive: true })
`

type Measure = (act: () => Promise<unknown>) => Promise<void>

/**
 * Computing time of the page's own thread, in ms, for each thing that is done, until it is drawn: the figure that other work
 * on the machine does not touch.
 */
async function meterOf(page: Page): Promise<{ readonly computed: readonly number[]; readonly measure: Measure }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
  }
  const computed: number[] = []
  const measure: Measure = async (act) => {
    const before = await read()
    await act()
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    computed.push((await read()) - before)
  }
  return { computed, measure }
}

async function openAccounts(browser: Browser, url: string): Promise<Page> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
  await post(`${url}/api/v1/users`, { headers, body: JSON.stringify(PERSON) })
  const { name, password } = PERSON
  const session = await post(`${url}/api/v1/session`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const [cookie = '', value = ''] = session.headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? []
  await context.addCookies([{ name: cookie, value, url, httpOnly: true }])
  const page = await context.newPage()
  page.setDefaultTimeout(STEP_MS)
  await page.goto(`${url}/accounts`)
  await page.getByRole('link', { name: 'acme/service-00000', exact: true }).waitFor()
  // What is measured is the use of the page, not its loading.
  await page.evaluate(MEASURE)
  return page
}

async function post(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, { method: 'POST', ...init })
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}: ${(await answer.text()).slice(0, 200)}`)
  return answer
}

/** Searches, filters, selects and scrolls, as a person does with keys and a mouse. */
async function useThePage(page: Page, measure: Measure): Promise<void> {
  const { keyboard, mouse } = page
  const shows = (name: string) => page.getByRole('link', { name: `acme/service-${name}`, exact: true })
  await page.getByRole('searchbox', { name: 'Search repositories of Acme' }).click()
  for (const letter of 'service-0777') await measure(() => keyboard.type(letter))
  await measure(() => shows('07770').waitFor())
  for (const _ of 'service-0777') await measure(() => keyboard.press('Backspace'))
  await measure(() => shows('00001').waitFor())

  await page.getByRole('combobox', { name: 'Show' }).focus()
  await measure(() => keyboard.press('ArrowDown'))
  await shows('00000').waitFor({ state: 'detached' })
  await measure(() => keyboard.press('ArrowUp'))
  await shows('00000').waitFor()

  for (const name of ['Select acme/service-00001', 'Select all shown repositories']) {
    const box = page.getByRole('checkbox', { name, exact: true })
    await measure(() => box.check())
    await measure(() => box.uncheck())
  }

  await page.getByRole('row').nth(5).hover()
  for (let index = 0; index < SCROLLS; index += 1) await measure(() => mouse.wheel(0, 600))
  for (let index = 0; index < SCROLLS; index += 1) await measure(() => mouse.wheel(0, -600))
  await shows('00001').waitFor()
}
