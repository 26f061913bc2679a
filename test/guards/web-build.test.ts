import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { silentLogger } from '../../src/lib/logger.ts'
import { ensureWebInterface, WEB_FOLDER } from '../../src/cli/web-files.ts'
import { findWebBuildProblems } from './web-build.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-web-build-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

const PAGE = '<!doctype html><script type="module" crossorigin src="./assets/index-1.js"></script><body></body>'
const SCRIPTS = {
  'index-1.js': 'import{a}from"./shared-1.js";a(()=>import("./accounts-page-1.js"));',
  'accounts-page-1.js': 'import"./shared-1.js";',
  'shared-1.js': 'export const a=1;',
  'later-1.js': 'export const b=2;',
}

/** A build as small as can be; `gzip` is the size of each script's compressed file. */
async function build(page: string, scripts: Readonly<Record<string, string>>, gzip: Readonly<Record<string, number>> = {}) {
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), page)
  for (const [name, code] of Object.entries(scripts)) {
    await writeFile(join(folder, 'assets', name), code)
    await writeFile(join(folder, 'assets', `${name}.gz`), Buffer.alloc(gzip[name] ?? 1_000))
  }
}

test('the web interface has nothing inline, loads at most 300 KiB of script, and asks no other server', async () => {
  await ensureWebInterface(silentLogger, AbortSignal.timeout(60_000))

  expect(findWebBuildProblems(WEB_FOLDER)).toEqual([])
}, 90_000)

test('a page that loads little is let through, whatever it may load later', async () => {
  await build(PAGE, SCRIPTS, { 'later-1.js': 400 * 1024 })

  expect(findWebBuildProblems(folder)).toEqual([])
})

test.each([
  ['a style element', '<style>a{}</style>', '<style'],
  ['a style attribute', '<p style="color:red">', 'style='],
  ['a script element', '<script>run()</script>', '<script'],
  ['a handler', '<body onload="run()">', 'onload='],
])('%s in the document is found', async (_, inline, found) => {
  await build(PAGE + inline, SCRIPTS)

  expect(findWebBuildProblems(folder)).toEqual([`inline: ${found}`])
})

test('what is loaded first is counted with all that it imports', async () => {
  const each = { 'index-1.js': 100 * 1024, 'accounts-page-1.js': 100 * 1024, 'shared-1.js': 100 * 1024 + 1 }
  await build(PAGE, SCRIPTS, each)

  expect(findWebBuildProblems(folder)).toEqual([`first load: ${300 * 1024 + 1} bytes`])
})

test('a build for development, and one that asks another server, are found', async () => {
  const wrong = { 'dev-1.js': 'validateDOMNesting()', 'font-1.js': 'fetch("https://fonts.googleapis.com/css")' }
  await build(PAGE, { ...SCRIPTS, ...wrong })

  expect(findWebBuildProblems(folder)).toEqual(['not for production: assets/dev-1.js', 'asks another server: assets/font-1.js'])
})

test.each([
  ['the document loads no module', '<body></body>', SCRIPTS, /loads no module/],
  ['there is no page of accounts', PAGE, { 'index-1.js': '' }, /no accounts-page/],
])('nothing is measured when %s', async (_, page, scripts, message) => {
  await build(page, scripts)

  expect(() => findWebBuildProblems(folder)).toThrow(message)
})
