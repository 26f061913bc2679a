import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the accounts page may load before it shows anything, in bytes of gzip. */
const FIRST_LOAD_LIMIT = 300 * 1024

/** What is wrong with a built web interface in `folder`: `what: where`, in the order of the rules. */
export function findWebBuildProblems(folder: string): string[] {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const scripts = globSync('assets/*.js', { cwd: folder }).toSorted()
  const holding = (pattern: RegExp) => scripts.filter((name) => pattern.test(readFileSync(join(folder, name), 'utf8')))
  const firstLoad = measureFirstLoad(folder, page)
  return [
    // The policy would refuse it.
    ...[...page.matchAll(/<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=/g)].map(([match]) => `inline: ${match.trim()}`),
    ...(firstLoad > FIRST_LOAD_LIMIT ? [`first load: ${firstLoad} bytes`] : []),
    // Also when NODE_ENV says something else, as in a test.
    ...holding(/validateDOMNesting/).map((name) => `not for production: ${name}`),
    ...holding(/featureassets|statsig|atlassian\.net|fonts\.googleapis/).map((name) => `asks another server: ${name}`),
  ]
}

/** Bytes of gzip of the scripts that the accounts page needs, those that they import included. */
function measureFirstLoad(folder: string, page: string): number {
  const entry = /<script type="module"[^>]* src="\.\/assets\/([^"]+)"/.exec(page)?.[1]
  if (entry === undefined) throw new Error('index.html loads no module')
  const [accounts] = globSync('accounts-page-*.js', { cwd: join(folder, 'assets') })
  if (accounts === undefined) throw new Error('no accounts-page-*.js was built')
  const scripts = collectScripts(folder, accounts, collectScripts(folder, entry))
  return [...scripts].reduce((sum, name) => sum + readFileSync(join(folder, 'assets', `${name}.gz`)).length, 0)
}

/** A script with what it imports statically, and what they import. */
function collectScripts(folder: string, name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  const code = readFileSync(join(folder, 'assets', name), 'utf8')
  for (const [, imported] of code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) {
    if (imported !== undefined) collectScripts(folder, imported, found)
  }
  return found
}
