import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../lib/package-root.ts'
import { CODES_WITH_STATUS, statusOf } from './problem-status.ts'

/** Where a code is made: an error of ours, the call of its base class, or a stored problem. */
const LITERAL = /(?:new [A-Z]\w*Error\(|\bsuper\(|\bcode: )\s*'([a-z][a-z-]*)'/g
const CONSTANT = /(?:new [A-Z]\w*Error\(\s*|\bcode: )([A-Z][A-Z_]*)\b/g
/** A code of zod's own. */
const FOREIGN = new Set(['custom'])

const files = globSync('src/**/*.ts', { cwd: packageRoot, exclude: (path) => path.startsWith('src/sandbox') }).filter(
  (path) => !/\.test\.ts$|\/test-[^/]+\.ts$/.test(path),
)
const source = files.map((path) => readFileSync(join(packageRoot, path), 'utf8')).join('\n')

function findCodes(text: string): string[] {
  const literal = [...text.matchAll(LITERAL)].map(([, code]) => code ?? '')
  const constant = [...text.matchAll(CONSTANT)].map(
    ([, name]) => new RegExp(String.raw`const ${name} = '([a-z-]+)'`).exec(text)?.[1] ?? `${name}?`,
  )
  return [...new Set([...literal, ...constant, ...CODES_WITH_STATUS])].filter((code) => !FOREIGN.has(code)).toSorted()
}

const rows = [
  ...readFileSync(join(packageRoot, 'docs', 'error-codes.md'), 'utf8').matchAll(
    /^\| `([a-z-]+)` \| (\d+|–) \| (.+) \| (.+) \|$/gm,
  ),
].map(([, code = '', status = '', meaning = '', remedy = '']) => ({ code, status, meaning, remedy }))

describe('docs/error-codes.md', () => {
  test('explains every code that the sources make, in order', () => {
    expect(rows.map(({ code }) => code)).toEqual(findCodes(source))
  })

  test('names no code that is gone', () => {
    expect(rows.filter(({ code }) => !source.includes(`'${code}'`))).toEqual([])
  })

  test('tells the status of each that has one', () => {
    const expected = (code: string) => (CODES_WITH_STATUS.includes(code) ? String(statusOf(code)) : '–')
    expect(rows.filter(({ code, status }) => status !== expected(code))).toEqual([])
  })
})

test('a code that is made in any of the ways is found', () => {
  const text = `
    throw new ConnectorError('first-code', {})
    throw new ConnectorError(
      'second-code', {})
    super('third-code', {})
    const problem = { code: 'fourth', message: '' }
    const FIFTH = 'fifth-code'
    throw new ConnectorError(FIFTH, {})`

  expect(findCodes(text)).toEqual(expect.arrayContaining(['first-code', 'second-code', 'third-code', 'fourth', 'fifth-code']))
})
