import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './planted-project.ts'

/** `new Date()` without arguments: the one way to the current time that no lint rule can name. */
const asksForTheTime = (text: string): boolean => /\bnew Date\b(?!\s*\(\s*[^\s)])/.test(text)

test('the current time comes from a Clock everywhere but in src/lib and in the stand-ins', async () => {
  const files = globSync('src/**/*.ts', { cwd: repositoryRoot }).filter(
    (path) => !/^src\/(lib|sandbox)\/|\.test\.ts$|\/test-/.test(path),
  )
  const texts = await Promise.all(files.map(async (path) => [path, await readFile(join(repositoryRoot, path), 'utf8')] as const))

  expect(texts.filter(([, text]) => asksForTheTime(text)).map(([path]) => path)).toEqual([])
})

test('finds a file that asks for the time itself', () => {
  expect(asksForTheTime('const now = new Date()')).toBe(true)
  expect(asksForTheTime('const now = new Date')).toBe(true)
  expect(asksForTheTime('const then = new Date(millis)')).toBe(false)
})
