// `npm run screenshots`: the pictures of the README and of docs/, taken from the demo in a Chromium. A minute.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
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
  { path: '/settings/jira', name: 'settings', shows: 'Jira connection' },
] as const

const demo = spawn(process.execPath, ['src/main.ts', 'demo'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
try {
  await takeAll(await readAddress())
} finally {
  demo.kill('SIGTERM')
}

/** The connector's address, once the demo has printed it. */
function readAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`The demo did not start:\n${said}`)), LONG_MS)
    demo.once('exit', (code) => reject(new Error(`The demo ended with ${code}:\n${said}`)))
    demo.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const address = /^Connector +(http:\/\/\S+)/m.exec(said)?.[1]
      if (address === undefined || !said.includes('Ctrl+C')) return
      clearTimeout(timer)
      resolve(address)
    })
  })
}

async function takeAll(address: string): Promise<void> {
  const browser = await launchTestBrowser()
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
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
