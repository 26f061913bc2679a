import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, commit, listIssues, shaOf } from '../test-rows.ts'
import { deleteCommits, prepareCommits, saveCommits, sweepCommits } from './commits.ts'
import type { CommitDestination, KeyedCommit } from './gather-commits.ts'

describe.each(KINDS)('commits on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let repositoryId: RepositoryId
  let other: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    repositoryId = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
    other = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 2))
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['commits', 'commit_keys', 'issues'] as const) await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const save = (
    commits: readonly KeyedCommit[],
    { dueAt = at(100), ...more }: Partial<CommitDestination & { dueAt: number }> = {},
  ) =>
    db.write('background', (tx) =>
      saveCommits(tx, prepareCommits({ repositoryId, generation: 1, commits, rekey: false, ...more }), dueAt),
    )
  const stored = async () => {
    const rows = await db.read.selectFrom('commits').select(['sha', 'generation']).orderBy('sha').execute()
    return rows.map((row) => `${Number.parseInt(row.sha, 16)} in ${row.generation}`)
  }
  const storedKeys = async () => {
    const rows = await db.read.selectFrom('commit_keys').select('issue_key').orderBy('issue_key').execute()
    return rows.map((row) => row.issue_key)
  }

  test('stores commits with their keys and marks the issues', async () => {
    await save([commit(1, ['SHOP-1', 'SHOP-2']), commit(2, ['SHOP-1'], { merge: true, author: { name: 'Ünal', email: null } })])

    const rows = await db.read
      .selectFrom('commits')
      .select(['sha', 'message', 'author_name', 'author_email', 'authored_at', 'merge'])
      .orderBy('sha')
      .execute()
    expect(rows).toEqual([
      {
        sha: shaOf(1),
        message: 'SHOP-1 SHOP-2 change 1',
        author_name: 'Ann Ember',
        author_email: 'ann@example.com',
        authored_at: at(1),
        merge: 0,
      },
      { sha: shaOf(2), message: 'SHOP-1 change 2', author_name: 'Ünal', author_email: null, authored_at: at(2), merge: 1 },
    ])
    expect(await storedKeys()).toEqual(['SHOP-1', 'SHOP-1', 'SHOP-2'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 1'])
    const newest = await db.read
      .selectFrom('issues')
      .select(['newest_at', 'due_at'])
      .where('issue_key', '=', 'SHOP-1')
      .executeTakeFirst()
    expect(newest).toEqual({ newest_at: at(2), due_at: at(100) })
  })

  test('a run of an older generation takes nothing from a newer one', async () => {
    await save([commit(1, ['SHOP-1'])], { generation: 3 })

    await save([commit(1, ['SHOP-1'])], { generation: 2 })

    expect(await stored()).toEqual(['1 in 3'])
  })

  test('storing the same again changes nothing and marks nothing', async () => {
    await save([commit(1, ['SHOP-1'])])

    await save([commit(1, ['SHOP-1'])])

    expect(await stored()).toEqual(['1 in 1'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1'])
  })

  test('nothing to store is nothing', async () => {
    await save([])

    expect(await stored()).toEqual([])
  })

  test('the same commit in two repositories is two', async () => {
    await save([commit(1, ['SHOP-1'])])
    await save([commit(1, ['SHOP-1'])], { repositoryId: other })

    expect(await stored()).toEqual(['1 in 1', '1 in 1'])
  })

  test('a full synchronisation takes over what it meets and sweeps the rest', async () => {
    await save([commit(1, ['SHOP-1']), commit(2, ['SHOP-2'])])
    await save([commit(3, ['SHOP-3'])], { repositoryId: other })
    await save([commit(1, ['SHOP-1'])], { generation: 2 })
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 1', 'SHOP-3 dirty 1'])

    const sweep = () =>
      db.write('background', (tx) => sweepCommits(tx, repositoryId, { generation: 2, limit: 10, dueAt: at(200) }))
    expect(await sweep()).toBe(1)
    expect(await sweep()).toBe(0)

    expect(await stored()).toEqual(['1 in 2', '3 in 1'])
    expect(await storedKeys()).toEqual(['SHOP-1', 'SHOP-3'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 1', 'SHOP-2 dirty 2', 'SHOP-3 dirty 1'])
  })

  test('a sweep deletes no more at once than it is told', async () => {
    await save(Array.from({ length: 5 }, (_, number) => commit(number + 1, ['SHOP-1'])))

    const counts: number[] = []
    for (let round = 0; round < 4; round++) {
      counts.push(
        await db.write('background', (tx) => sweepCommits(tx, repositoryId, { generation: 9, limit: 2, dueAt: at(200) })),
      )
    }

    expect(counts).toEqual([2, 2, 1, 0])
  })

  test('another rule replaces the keys of stored commits and marks old and new issues', async () => {
    await save([commit(1, ['SHOP-1']), commit(2, ['SHOP-2'])])

    await save([commit(1, ['PAY-9']), commit(2, ['SHOP-2'])], { generation: 2, rekey: true })

    expect(await storedKeys()).toEqual(['PAY-9', 'SHOP-2'])
    expect(await listIssues(db.read)).toEqual(expect.arrayContaining(['PAY-9 dirty 1', 'SHOP-1 dirty 2']))
  })

  test('without another rule the keys of stored commits stay', async () => {
    await save([commit(1, ['SHOP-1'])])

    await save([commit(1, ['PAY-9'])], { generation: 2 })

    expect(await storedKeys()).toEqual(['SHOP-1'])
  })

  test('deleting commits marks their issues and leaves those of other repositories', async () => {
    await save([commit(1, ['SHOP-1']), commit(2, ['SHOP-2'])])
    await save([commit(1, ['SHOP-3'])], { repositoryId: other })

    const shas = [shaOf(1), shaOf(77)]
    const deleted = await db.write('background', (tx) => deleteCommits(tx, repositoryId, { shas, dueAt: at(200) }))

    expect(deleted).toBe(1)
    expect(await stored()).toEqual(['1 in 1', '2 in 1'])
    expect(await storedKeys()).toEqual(['SHOP-2', 'SHOP-3'])
    expect(await listIssues(db.read)).toEqual(['SHOP-1 dirty 2', 'SHOP-2 dirty 1', 'SHOP-3 dirty 1'])
  })

  test('deleting no commits is nothing', async () => {
    expect(await db.write('background', (tx) => deleteCommits(tx, repositoryId, { shas: [], dueAt: at(200) }))).toBe(0)
  })

  test('thousands go in at once, and whatever text a commit carries comes back', async () => {
    const message = `SHOP-1 it's "quoted" \\ 家族👨‍👩‍👧\n\u0001; drop table commits; --`
    await save([
      commit(1, ['SHOP-1'], { message }),
      ...Array.from({ length: 3_000 }, (_, number) => commit(number + 2, [`SHOP-${number + 1}`])),
    ])

    expect(await stored()).toHaveLength(3_001)
    const row = await db.read.selectFrom('commits').select('message').where('sha', '=', shaOf(1)).executeTakeFirstOrThrow()
    expect(row.message).toBe(message)
  })
})
