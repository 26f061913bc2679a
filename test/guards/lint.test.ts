import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plantProject, repositoryRoot } from './planted-project.ts'

const LINT = 'node_modules/oxlint/bin/oxlint'
const lines = (count: number, text: string): string => `${text}\n`.repeat(count)
const fields = (count: number): string => Array.from({ length: count }, (_, index) => `  work(${index})`).join('\n')

/** Each rule of .oxlintrc.json, and a source file of `src/app` that breaks it. */
const BROKEN: readonly (readonly [rule: string, text: string])[] = [
  ['typescript(no-floating-promises)', 'export function start(work: () => Promise<void>): void {\n  work()\n}'],
  ['typescript(no-misused-promises)', 'export function check(work: Promise<boolean>): number {\n  return work ? 1 : 2\n}'],
  ['typescript(await-thenable)', 'export async function wait(count: number): Promise<void> {\n  await count\n}'],
  ['typescript(only-throw-error)', `export function fail(): never {\n  throw 'text'\n}`],
  ['typescript(no-explicit-any)', 'export const value = (input: any): number => (input === 1 ? 1 : 2)'],
  ['typescript(no-unsafe-argument)', 'export const digits = (text: string): number => Number.parseInt(JSON.parse(text))'],
  [
    'typescript(no-unsafe-assignment)',
    'export function read(text: string): string {\n  const value = JSON.parse(text)\n  return String(value)\n}',
  ],
  ['typescript(no-unsafe-call)', 'export const call = (text: string): unknown => JSON.parse(text)()'],
  ['typescript(no-unsafe-member-access)', 'export const name = (text: string): unknown => JSON.parse(text).name'],
  ['typescript(no-unsafe-return)', 'export const parse = (text: string): { a: number } => JSON.parse(text)'],
  ['typescript(no-non-null-assertion)', `export const first = (texts: string[]): string => texts.at(0)!`],
  ['typescript(ban-ts-comment)', '// @ts-ignore\nexport const count: number = 1'],
  ['typescript(consistent-type-imports)', `import { Value } from './types.ts'\nexport const value: Value = 'a'`],
  [
    'typescript(switch-exhaustiveness-check)',
    `import type { Value } from './types.ts'
export function rank(value: Value): number {
  switch (value) {
    case 'a':
      return 1
  }
  return 2
}`,
  ],
  ['typescript(require-array-sort-compare)', 'export const sort = (numbers: number[]): number[] => numbers.toSorted()'],
  ['eslint(eqeqeq)', 'export const same = (a: string, b: string): boolean => a == b'],
  ['eslint(no-empty)', 'export function run(work: () => void): void {\n  try {\n    work()\n  } catch {}\n}'],
  [
    'eslint(no-unsafe-finally)',
    'export function run(work: () => number): number {\n  try {\n    return work()\n  } finally {\n    return 1\n  }\n}',
  ],
  ['eslint(max-lines)', lines(401, '// one line')],
  ['eslint(max-lines-per-function)', `export function long(work: (step: number) => void): void {\n${fields(60)}\n}`],
  ['eslint(max-params)', 'export const add = (a: number, b: number, c: number, d: number): number => a + b + c + d'],
  ['import(no-cycle)', `import { other } from './cycle.ts'\nexport const own = (): number => other()`],
  ['import(no-default-export)', 'const value = 1\nexport default value'],
  ['unicorn(prefer-node-protocol)', `export { readFileSync } from 'fs'`],
  ['eslint(no-console)', `console.log('hello')`],
  ['eslint(no-eval)', `export const run = (text: string): unknown => eval(text) as unknown`],
  ['eslint(no-restricted-globals)', `export const load = (): Promise<Response> => fetch('http://127.0.0.1')`],
  ['eslint(no-restricted-imports)', `export { env } from 'node:process'`],
  ['eslint(no-restricted-properties)', 'export const home = process.env.HOME'],
  ['eslint(no-restricted-properties)', 'const { env } = process\nexport const home = env.HOME'],
  ['eslint(no-restricted-properties)', 'export const dice = (): number => Math.random()'],
  ['eslint(no-restricted-properties)', 'export const now = (): number => Date.now()'],
]

const IN_TESTS: typeof BROKEN = [
  ['vitest(valid-expect)', `import { expect, test } from 'vitest'\ntest('a', () => {\n  expect(1)\n})`],
  ['vitest(no-focused-tests)', `import { expect, test } from 'vitest'\ntest.only('a', () => expect(1).toBe(1))`],
  ['vitest(no-disabled-tests)', `import { expect, test } from 'vitest'\ntest.skip('a', () => expect(1).toBe(1))`],
  ['vitest(warn-todo)', `import { test } from 'vitest'\ntest.todo('a')`],
]

/** Each rule that an override of .oxlintrc.json sets anew: the override's first folder, and a file in it that breaks the rule. */
const IN_FOLDERS: readonly (readonly [folder: string, rule: string, path: string, text: string])[] = [
  ['src/lib/**', 'eslint(no-restricted-properties)', 'src/lib/home.ts', 'export const home = process.env.HOME'],
  ['src/db/**', 'eslint(max-params)', 'src/db/add.ts', 'export const add = (a: 1, b: 1, c: 1, d: 1, e: 1) => a + b + c + d + e'],
  ['src/config/**', 'eslint(no-restricted-properties)', 'src/config/now.ts', 'export const now = (): number => Date.now()'],
  ['**/*.test.ts', 'eslint(max-lines)', 'src/app/long.test.ts', lines(601, '// one line')],
  [
    'web/**',
    'eslint(max-lines-per-function)',
    'web/long.tsx',
    `export function Long(): null {\n${lines(90, '  void 0')}  return null\n}`,
  ],
  [
    'web/**',
    'react-hooks(rules-of-hooks)',
    'web/hooks.tsx',
    `import { useState } from 'react'
export function Count({ shown }: { readonly shown: boolean }) {
  if (!shown) return null
  const [count] = useState(0)
  return <b>{count}</b>
}`,
  ],
  [
    'web/**',
    'react-hooks(exhaustive-deps)',
    'web/deps.tsx',
    `import { useEffect } from 'react'
export function Title({ title }: { readonly title: string }): null {
  useEffect(() => {
    document.title = title
  }, [])
  return null
}`,
  ],
  [
    'web/**',
    'react(jsx-key)',
    'web/key.tsx',
    'export const List = ({ names }: { readonly names: string[] }) => <ul>{names.map((name) => <li>{name}</li>)}</ul>',
  ],
  [
    'web/**',
    'react(no-danger)',
    'web/danger.tsx',
    'export const Html = ({ html }: { readonly html: string }) => <div dangerouslySetInnerHTML={{ __html: html }} />',
  ],
]

/** A rule that no line names: it comes with the plugin for pages. */
const PICTURE = { rule: 'jsx-a11y(alt-text)', path: 'web/picture.tsx', text: `export const Picture = () => <img src="a.png" />` }

const rulePath = (rule: string): string => rule.replace(/\((.*)\)/, '/$1')

test('every rule fails on a file that breaks it, and is named', async () => {
  const all = [...BROKEN.map((plant) => [...plant, '.ts'] as const), ...IN_TESTS.map((plant) => [...plant, '.test.ts'] as const)]
  const planted = [
    ...all.map(([rule, text, ending], index) => ({ rule, text, path: `src/app/plant-${index}${ending}` })),
    ...IN_FOLDERS.map(([, rule, path, text]) => ({ rule, text, path })),
    PICTURE,
  ]
  const cycle = planted.find(({ rule }) => rule === 'import(no-cycle)')?.path.replace('src/app', '.')
  await using project = await plantProject({
    ...Object.fromEntries(planted.map(({ path, text }) => [path, text])),
    'src/app/types.ts': `export type Value = 'a' | 'b'\n`,
    'src/app/cycle.ts': `import { own } from '${cycle}'\nexport const other = (): number => own()\n`,
  })

  const { code, output } = await project.run(LINT, '-f', 'unix')

  expect(code).toBe(1)
  const found = output.split('\n').map((line) => `${line.split(':')[0]} ${/\[Error\/(.*)\]$/.exec(line)?.[1]}`)
  expect(found).toEqual(expect.arrayContaining(planted.map(({ path, rule }) => `${path} ${rule}`)))
})

interface Rules {
  readonly rules: Readonly<Record<string, unknown>>
}

/** Rules that are errors. */
const namedIn = ({ rules }: Rules): string[] =>
  Object.entries(rules).flatMap(([rule, value]) => ([value].flat()[0] === 'error' ? [rule] : []))

test('every rule that the configuration names has its plant, in each folder that has a rule of its own', async () => {
  const text = await readFile(join(repositoryRoot, '.oxlintrc.json'), 'utf8')
  const withoutComments = text.replaceAll(/^\s*\/\/.*$/gm, '')
  const configuration = JSON.parse(withoutComments) as Rules & { overrides: readonly (Rules & { files: readonly string[] })[] }

  const named = namedIn(configuration)
  const inFolders = configuration.overrides.flatMap((override) => namedIn(override).map((rule) => `${override.files[0]} ${rule}`))

  const planted = [...BROKEN, ...IN_TESTS].map(([rule]) => rulePath(rule))
  expect(named.length).toBeGreaterThan(20)
  expect([...new Set(planted)].toSorted()).toEqual(named.toSorted())
  expect(IN_FOLDERS.map(([folder, rule]) => `${folder} ${rulePath(rule)}`).toSorted()).toEqual(inFolders.toSorted())
})

test('lets through what is right, each folder with its own freedom', async () => {
  await using project = await plantProject({
    'src/app/run.ts': 'export async function run(work: () => Promise<void>): Promise<void> {\n  await work()\n}\n',
    'src/lib/clock.ts': 'export const now = (): number => Date.now()\n',
    'src/config/load.ts': 'export const home = process.env.HOME\n',
    'src/cli/say.ts': `console.log('hello')\n`,
    'vitest.config.ts': 'export default {}\n',
    'src/db/add.ts': 'export const add = (a: 1, b: 1, c: 1, d: 1): number => a + b + c + d\n',
    'src/app/long.test.ts': `export const nothing = 0\n${lines(599, '// one line')}`,
    'web/page.tsx': `export function Page() {\n${lines(80, '  void 0')}  return <img src="a.png" alt="" />\n}\n`,
    'web/now.ts': 'export const now = (): number => Date.now()\n',
  })

  expect(await project.run(LINT, '--deny-warnings')).toMatchObject({ code: 0 })
})
