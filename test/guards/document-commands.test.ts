import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listCommands } from '../../src/cli/program.ts'
import { startTestHttpApp } from '../../src/http/test-http-app.ts'
import { findMissingAddresses, findMissingCommands, findMissingScripts } from './document-commands.ts'
import { repositoryRoot } from './planted-project.ts'

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: repositoryRoot })]
const texts = DOCUMENTS.map((file) => ({ file, text: readFileSync(join(repositoryRoot, file), 'utf8') }))
const page = (text: string) => [{ file: 'docs/page.md', text }]

test('every command that the documentation names exists, with its options', () => {
  const commands = new Map(listCommands({ out: process.stdout, err: process.stderr }).map(({ name, options }) => [name, options]))

  const { named, missing } = findMissingCommands(texts, commands)

  expect(named).toBeGreaterThan(15)
  expect(missing).toEqual([])
})

test('a command or an option that does not exist is found, wherever it stands', () => {
  const text = `Run \`jira-dvcs sync acme --full\`, then \`npx jira-dvcs swim\`, or
\`\`\`sh
jira-dvcs sync [ACCOUNT] --fast --full
jira-dvcs sync --deep   # all of it
\`\`\`
`

  expect(findMissingCommands(page(text), new Map([['sync', ['--full']]]))).toEqual({
    named: 4,
    missing: ['docs/page.md: swim', 'docs/page.md: sync --fast', 'docs/page.md: sync --deep'],
  })
})

test('every script that the documentation names is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }

  const { named, missing } = findMissingScripts(texts, scripts)

  expect(named).toBeGreaterThan(3)
  expect(missing).toEqual([])
})

test('a script that does not exist is found', () => {
  const text = 'Use `npm run bench`, `npm run bench:all` or\n\n    npm run fly\n'

  expect(findMissingScripts(page(text), { bench: 'node bench' })).toEqual({
    named: 3,
    missing: ['docs/page.md: bench:all', 'docs/page.md: fly'],
  })
})

test('every address of the API that the documentation names is served', async () => {
  const { send, dispose } = await startTestHttpApp()
  const document = (await send('GET', '/api/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>()
  await dispose()

  const { named, missing } = findMissingAddresses(texts, document.paths)

  expect(named).toBeGreaterThan(10)
  expect(missing).toEqual([])
})

test('an address that is not served, or not with that method, is found', () => {
  const text = `\`GET /api/v1/accounts/{id}\`, \`DELETE /api/v1/accounts/acme\`, \`GET /api/v1/accounts/acme/gone\`. Or
GET /rest/old/1.0?all=true.`

  expect(findMissingAddresses(page(text), { '/api/v1/accounts/{id}': { get: {}, patch: {} } })).toEqual({
    named: 4,
    missing: [
      'docs/page.md: DELETE /api/v1/accounts/acme',
      'docs/page.md: GET /api/v1/accounts/acme/gone',
      'docs/page.md: GET /rest/old/1.0',
    ],
  })
})
