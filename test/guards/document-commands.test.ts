import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listCommands } from '../../src/cli/program.ts'
import { startTestHttpApp } from '../../src/http/test-http-app.ts'
import { repositoryRoot } from './planted-project.ts'

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: repositoryRoot })]
const texts = DOCUMENTS.map((file) => ({ file, text: readFileSync(join(repositoryRoot, file), 'utf8') }))

test('every command that the documentation names exists, with its options', () => {
  const commands = new Map(listCommands({ out: process.stdout, err: process.stderr }).map(({ name, options }) => [name, options]))
  const named = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/jira-dvcs ([a-z][a-z-]*)((?: +(?:\[?--?[a-z][\w-]*\]?|[A-Z<[][^`\n|#]*?))*)(?=[`\n|#]|$)/gm)].map(
      ([, name, rest]) => ({
        file,
        name: name ?? '',
        options: [...(rest ?? '').matchAll(/--[a-z-]+/g)].map(([option]) => option),
      }),
    ),
  )

  expect(named.length).toBeGreaterThan(15)
  const wrong = named.filter(
    ({ name, options }) => options.some((option) => !(commands.get(name)?.includes(option) ?? false)) || !commands.has(name),
  )
  expect(wrong).toEqual([])
})

test('every script that the documentation names is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }

  const named = texts.flatMap(({ text }) => [...text.matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name]) => name ?? ''))

  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('every address of the API that the documentation names is served', async () => {
  const { send, dispose } = await startTestHttpApp()
  const document = (await send('GET', '/api/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>()
  await dispose()
  const served = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)),
  )

  const named = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/\b(?:GET|POST|PUT|PATCH|DELETE) \/(?:api|rest)\/[^\s`?)|,;]+/g)].map(([address]) => ({
      file,
      address: address.replace(/\.$/, ''),
    })),
  )

  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(({ address }) => !served.some((pattern) => pattern.test(address)))).toEqual([])
})
