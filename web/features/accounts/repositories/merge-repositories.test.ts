import { expect, test } from 'vitest'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { mergeRepositories } from './merge-repositories.ts'

const repository = (id: string, linked = true) => ({ id, linked }) as RepositoryJson
const pages = [
  { items: [repository('1'), repository('2')], next: 'a' },
  { items: [repository('3')], next: null },
]

test('a newer row takes its place; pages without one stay what they are', () => {
  const merged = mergeRepositories(pages, new Map([['2', repository('2', false)]]))

  expect(merged[0]?.items).toEqual([repository('1'), repository('2', false)])
  expect(merged[1]).toBe(pages[1])
})

test('what is not loaded changes nothing', () => {
  expect(mergeRepositories(pages, new Map([['9', repository('9')]]))).toBe(pages)
})
