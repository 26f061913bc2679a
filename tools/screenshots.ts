// `npm run screenshots`: the pictures of the README and of docs/, taken from the demo in a Chromium. A minute.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchTestBrowser } from '../test/browser.ts'

const FOLDER = join('docs', 'images')
const LONG_MS = 180_000

/** Page, name of the picture, and what is on it when it is complete. */
const SHOTS = [
  { path: '/', name: 'overview', shows: 'Comparison with the Git hosts' },
  { path: '/accounts', name: 'accounts', shows: 'acme/shop' },
  { path: '/accounts/link', name: 'link-account', shows: 'Dry run' },
  { path: '/repositories/1', name: 'repository', shows: 'Sync history' },
  { path: '/deliveries', name: 'deliveries', shows: 'Deliveries' },
  { path: '/explain?ref=SHOP-7', name: 'why', shows: 'Jira has the project SHOP' },
  { path: '/issues/SHOP-7', name: 'development-panel', shows: 'Pull requests' },
  { path: '/smart-commits', name: 'smart-commits', shows: 'Logged 2h' },
  { path: '/triggers', name: 'workflow-triggers', shows: 'Workflow triggers' },
  { path: '/settings/jira', name: 'settings', shows: 'Jira connection' },
] as const

const demo = spawn(process.execPath, ['src/main.ts', 'demo'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
try {
  const addresses = await readAddresses()
  push(addresses.repository)
  await takeAll(addresses)
} finally {
  demo.kill('SIGTERM')
}

interface Addresses {
  readonly connector: string
  readonly issue: string
  readonly repository: string
}

/** Once the demo has printed them. */
function readAddresses(): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`The demo did not start:\n${said}`)), LONG_MS)
    demo.once('exit', (code) => reject(new Error(`The demo ended with ${code}:\n${said}`)))
    demo.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const connector = /^Connector +(http:\/\/\S+)/m.exec(said)?.[1]
      const issue = /an issue: (http:\/\/[^)]+)\)/.exec(said)?.[1]
      const repository = /git clone (http:\/\/\S+)/.exec(said)?.[1]
      if (connector === undefined || issue === undefined || repository === undefined || !said.includes('Ctrl+C')) return
      clearTimeout(timer)
      resolve({ connector, issue, repository })
    })
  })
}

/** What the demo proposes: a commit that acts on its issue. */
function push(repository: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'jira-dvcs-screenshots-'))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const author = ['-c', 'user.name=Robin Roe', '-c', 'user.email=robin.roe@example.com']
  try {
    git('clone', '--quiet', repository, '.')
    git(...author, 'commit', '--quiet', '--allow-empty', '-m', 'SHOP-7 #comment done #time 2h #resolve')
    git('push', '--quiet')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function takeAll({ connector: address, issue }: Addresses): Promise<void> {
  const browser = await launchTestBrowser()
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
      await takeIssue(page, issue, colorScheme)
      await page.goto(address)
      await page.getByLabel('Name').fill('admin')
      await page.getByLabel('Password').fill('demo-password')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
      for (const { path, name, shows } of SHOTS) {
        await page.goto(address + path)
        await page.getByText(shows).first().waitFor()
        await page.getByText('Loading').first().waitFor({ state: 'hidden' })
        const file = join(FOLDER, colorScheme === 'light' ? `${name}.png` : `${name}-dark.png`)
        await page.screenshot({ path: file })
        console.log(file)
      }
      await page.close()
    }
  } finally {
    await browser.close()
  }
}

/** Jira's own page, with the panel of the app, once the pushed commit has acted and its build has passed. */
async function takeIssue(page: Page, issue: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const deadline = performance.now() + LONG_MS
  for (;;) {
    await page.goto(issue)
    const text = await page.locator('body').innerText()
    if (/logged work/i.test(text) && /done/i.test(text) && /SUCCESSFUL/i.test(text) && /\bbuild\b/.test(text)) break
    if (performance.now() > deadline) throw new Error(`The issue page does not show what was pushed:\n${text}`)
    await page.waitForTimeout(500)
  }
  const file = join(FOLDER, colorScheme === 'light' ? 'issue-page.png' : 'issue-page-dark.png')
  await page.screenshot({ path: file })
  console.log(file)
}
