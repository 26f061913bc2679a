import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, keys, listIssues, shaOf } from '../test-rows.ts'
import { listBranches, listKeptHeads, replaceBranches, replaceKeptHeads, type KeyedBranch } from './branches.ts'

const branch = (name: string, head: number, names: readonly string[] = []): KeyedBranch => ({
  name,
  head: shaOf(head),
  headAt: at(head),
  keys: keys(...names),
})

describe.each(KINDS)('branches on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let id: RepositoryId
  let other: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    id = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
    other = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 2))
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['branches', 'branch_keys', 'kept_heads', 'issues'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const replace = (branches: readonly KeyedBranch[], repository = id) =>
    db.write('background', (tx) => replaceBranches(tx, repository, { branches, dueAt: at(100) }))
  const names = async (repository = id) => (await listBranches(db.read, repository)).map(({ name }) => name).sort()
  const storedKeys = async () => {
    const rows = await db.read
      .selectFrom('branch_keys')
      .select(['name', 'issue_key'])
      .orderBy('name')
      .orderBy('issue_key')
      .execute()
    return rows.map((row) => `${row.name}: ${row.issue_key}`)
  }

  test('a new branch is stored with its keys, and its issues are marked', async () => {
    await replace([branch('main', 1), branch('SHOP-1-cart', 2, ['SHOP-1'])])

    expect((await listBranches(db.read, id)).toSorted((a, b) => a.headAt - b.headAt)).toEqual([
      { name: 'main', head: shaOf(1), headAt: at(1) },
      { name: 'SHOP-1-cart', head: shaOf(2), headAt: at(2) },
    ])
    expect(await storedKeys()).toEqual(['SHOP-1-cart: SHOP-1'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1'])
  })

  test('the same branches again mark nothing', async () => {
    const branches = [branch('SHOP-1-cart', 2, ['SHOP-1', 'SHOP-2'])]
    await replace(branches)

    await replace(branches)

    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 1'])
  })

  test('tells which ones are new, but not of a repository that had none', async () => {
    const created = async (...branches: KeyedBranch[]) => (await replace(branches)).map(({ name }) => name)
    expect(await created(branch('main', 1), branch('SHOP-1', 2, ['SHOP-1']))).toEqual([])
    expect(await created(branch('main', 3), branch('SHOP-1', 2, ['SHOP-1']), branch('SHOP-2', 3, ['SHOP-2']))).toEqual(['SHOP-2'])
    expect(await created(branch('main', 3))).toEqual([])
  })

  test('a branch that moved marks its issues, and no others', async () => {
    await replace([branch('SHOP-1', 1, ['SHOP-1']), branch('SHOP-2', 2, ['SHOP-2'])])

    await replace([branch('SHOP-1', 3, ['SHOP-1']), branch('SHOP-2', 2, ['SHOP-2'])])

    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 1'])
    expect((await listBranches(db.read, id)).find(({ name }) => name === 'SHOP-1')?.head).toBe(shaOf(3))
  })

  test('a branch that is gone takes its keys with it and marks its issues', async () => {
    await replace([branch('main', 1), branch('SHOP-1', 2, ['SHOP-1'])])

    await replace([branch('main', 1)])

    expect(await names()).toEqual(['main'])
    expect(await storedKeys()).toEqual([])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2'])
  })

  test('another rule replaces the keys of a branch that did not move', async () => {
    await replace([branch('SHOP-1-pay-2', 1, ['SHOP-1'])])

    await replace([branch('SHOP-1-pay-2', 1, ['PAY-2'])])

    expect(await storedKeys()).toEqual(['SHOP-1-pay-2: PAY-2'])
    expect(await listIssues(db.read)).toEqual(['PAY-2 dirty 1', 'SHOP-1 dirty 2'])
  })

  test('names that differ in case, and odd ones, are different branches', async () => {
    await replace([branch('Topic', 1), branch('topic', 2), branch("it's;--", 3), branch('ümlaut/家', 4)])

    expect(await names()).toEqual(['Topic', "it's;--", 'topic', 'ümlaut/家'])
  })

  test('many branches and another repository do not disturb each other', async () => {
    const many = Array.from({ length: 1_001 }, (_, number) => branch(`SHOP-${number + 1}`, number + 1, [`SHOP-${number + 1}`]))
    await replace([branch('main', 1)], other)
    await replace(many)

    await replace(many.slice(0, 1))

    expect(await names()).toEqual(['SHOP-1'])
    expect(await names(other)).toEqual(['main'])
    expect(await storedKeys()).toEqual(['SHOP-1: SHOP-1'])
  })

  test('kept heads are replaced as a whole', async () => {
    const keep = (heads: [number, number][], repository = id) =>
      db.write('background', (tx) =>
        replaceKeptHeads(tx, repository, new Map(heads.map(([number, head]) => [number, shaOf(head)]))),
      )
    await keep([[7, 70]], other)
    await keep([
      [1, 10],
      [2, 20],
    ])

    await keep([
      [2, 21],
      [3, 30],
    ])

    expect(await listKeptHeads(db.read, id)).toEqual(
      new Map([
        [2, shaOf(21)],
        [3, shaOf(30)],
      ]),
    )
    expect(await listKeptHeads(db.read, other)).toEqual(new Map([[7, shaOf(70)]]))
  })
})
