import { expect, test } from 'vitest'
import type { Commit } from '../../domain/commit.ts'
import { repositoryId, sha, type IssueKey } from '../../domain/ids.ts'
import { gatherCommits } from './gather-commits.ts'

const commit = (number: number): Commit => ({
  sha: sha(number.toString(16).padStart(40, '0')),
  message: 'SHOP-1 begin',
  author: { name: 'Mia Lang', email: 'mia@example.com' },
  authoredAt: new Date(0),
  committedAt: new Date(0),
  merge: false,
})

test('where others wait for the writer a transaction gets fewer commits', () => {
  const gathered = gatherCommits({ repositoryId: repositoryId('1'), generation: 1, rekey: false })
  const sizes: number[] = []
  for (const short of [false, true]) {
    let size = 0
    while (!gathered.isFull(short)) {
      gathered.add({ ...commit(size), keys: ['SHOP-1' as IssueKey] })
      size += 1
    }
    sizes.push(size)
    expect(gathered.take().marks).toHaveLength(size)
  }

  expect(sizes[0]).toBe(2_000)
  expect(sizes[1]).toBeLessThan(1_000)
})

test('generated commits with many keys fill a transaction sooner', () => {
  const gathered = gatherCommits({ repositoryId: repositoryId('1'), generation: 1, rekey: false })
  const keys = Array.from({ length: 1_000 }, (_, index) => `SHOP-${index + 1}` as IssueKey)

  for (let number = 0; number < 20; number += 1) gathered.add({ ...commit(number), keys })

  expect(gathered.isFull(false)).toBe(true)
})
