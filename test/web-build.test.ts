import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../src/lib/logger.ts'
import { ensureWebInterface, WEB_FOLDER } from '../src/cli/web-files.ts'

/** What the accounts page may load before it shows anything, in bytes of gzip. */
const FIRST_LOAD_LIMIT = 300 * 1024

beforeAll(() => ensureWebInterface(silentLogger, AbortSignal.timeout(60_000)))

test('the document has nothing inline: the policy would refuse it', () => {
  const page = readFileSync(join(WEB_FOLDER, 'index.html'), 'utf8')

  expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=/)
})

test('the accounts page loads at most 300 KiB of script', () => {
  const scripts = collectScripts(findAsset('accounts-page'), collectScripts(findEntry()))
  const bytes = [...scripts].reduce((sum, name) => sum + readFileSync(join(WEB_FOLDER, 'assets', `${name}.gz`)).length, 0)

  expect(scripts.size).toBeGreaterThan(2)
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_LIMIT)
})

test('it is the build for production, also when NODE_ENV says something else, as in this test', () => {
  const code = globSync('assets/*.js', { cwd: WEB_FOLDER }).map((name) => readFileSync(join(WEB_FOLDER, name), 'utf8'))

  expect(code.filter((text) => text.includes('validateDOMNesting'))).toEqual([])
})

test('no file asks another server for anything', () => {
  const code = globSync('assets/*.js', { cwd: WEB_FOLDER }).map((name) => readFileSync(join(WEB_FOLDER, name), 'utf8'))

  expect(code.filter((text) => /featureassets|statsig|atlassian\.net|fonts\.googleapis/.test(text))).toEqual([])
})

function findEntry(): string {
  const page = readFileSync(join(WEB_FOLDER, 'index.html'), 'utf8')
  const name = /<script type="module"[^>]* src="\.\/assets\/([^"]+)"/.exec(page)?.[1]
  if (name === undefined) throw new Error('index.html loads no module')
  return name
}

function findAsset(prefix: string): string {
  const [name] = globSync(`${prefix}-*.js`, { cwd: join(WEB_FOLDER, 'assets') })
  if (name === undefined) throw new Error(`no ${prefix}-*.js was built`)
  return name
}

/** A script with what it imports statically, and what they import. */
function collectScripts(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  const code = readFileSync(join(WEB_FOLDER, 'assets', name), 'utf8')
  for (const [, imported] of code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) {
    if (imported !== undefined) collectScripts(imported, found)
  }
  return found
}
