import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database, Tx } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, shaOf } from '../test-rows.ts'
import { beginAction, countAttempt, endAction, isAttempt } from './smart-commit-progress.ts'
import { findNextSmartCommit, recordSmartCommits } from './smart-commits.ts'

const FAILED = { kind: 'failed', problem: { code: 'x', message: 'It failed.', remedy: null } } as const
const DONE = { kind: 'done', summary: 'Commented.', jiraId: '7' } as const

describe.each(KINDS)('two processes that believe to have the same action, on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let shop: RepositoryId
  let commitId: string
  let id: number
  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    shop = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
  })
  beforeEach(async () => {
    await db.write('background', async (tx) => {
      for (const table of ['smart_commits', 'smart_commit_actions', 'smart_commit_fingerprints'] as const)
        await tx.deleteFrom(table).execute()
      const action = { key: issueKey('SHOP-1'), name: 'comment', argument: 'x', fingerprint: 'print' }
      const author = { name: 'Ann', email: 'ann@example.com' }
      const commit = {
        sha: shaOf(1),
        author,
        authoredAt: new Date(at(1)),
        offsetMinutes: 0,
        merge: false,
        lines: 'x',
        fingerprint: 'whole',
      }
      const commits = [{ ...commit, skipped: null, actions: [action] }]
      await recordSmartCommits(tx, { repositoryId: shop, syncId: 1, now: at(2), commits })
    })
    const found = await findNextSmartCommit(db.read, shop)
    commitId = found?.id ?? ''
    id = found?.actions[0]?.id ?? 0
  })
  afterAll(() => place.remove())

  const write = <T>(work: (tx: Tx) => Promise<T>) => db.write('background', work)
  const count = (attempts: number) => write((tx) => countAttempt(tx, { id, attempts }))
  const begin = (attempt: number, startedAt: Date | null = null, now = at(3)) =>
    write((tx) =>
      beginAction(tx, {
        commitId,
        actionId: id,
        attempt,
        startedAt,
        actor: 'connector',
        author: { userKey: 'JIRAUSER7', name: 'ann' },
        target: null,
        now,
      }),
    )
  const end = (attempt: number, how: typeof FAILED | typeof DONE) =>
    write((tx) => endAction(tx, { id, attempt }, { end: how, now: at(4), undone: how.kind === 'failed' }))
  const stored = () =>
    db.read.selectFrom('smart_commit_actions').select(['state', 'attempts', 'started_at']).executeTakeFirstOrThrow()

  test('of two that count at once one goes on', async () => {
    const counted = await Promise.all([count(0), count(0)])

    expect(counted.toSorted()).toEqual([false, true])
    expect(await stored()).toMatchObject({ attempts: 1 })
  })

  test('a late beginning does not turn what is done into what is under way', async () => {
    await count(0)
    await count(1)
    expect([await begin(2), await end(2, DONE)]).toEqual([true, true])
    const before = await stored()

    expect(await begin(1)).toBe(false)
    expect(await begin(2)).toBe(false)

    expect(await stored()).toEqual(before)
    expect(await count(2)).toBe(false)
  })

  test('a late beginning, or end, leaves alone what another one began', async () => {
    await count(0)
    await count(1)
    await begin(2)

    expect([await begin(1), await end(1, FAILED), await isAttempt(db.read, { id, attempt: 1 })]).toEqual([false, false, false])

    expect(await stored()).toEqual({ state: 'executing', attempts: 2, started_at: at(3) })
    expect([await isAttempt(db.read, { id, attempt: 2 }), await end(2, DONE)]).toEqual([true, true])
  })

  test('of two that found it left executing only the one that counted last goes on', async () => {
    await count(0)
    await begin(1)
    await count(1)
    await count(2)

    expect(await begin(2, new Date(at(3)), at(9))).toBe(false)
    expect(await begin(3, new Date(at(3)), at(9))).toBe(true)

    expect(await stored()).toEqual({ state: 'executing', attempts: 3, started_at: at(3) })
  })

  test('after a person asked again, what was begun by one is not begun by the other with the same number', async () => {
    await count(0)

    expect(await begin(1, null, at(5))).toBe(true)
    expect(await begin(1, null, at(6))).toBe(false)

    expect(await stored()).toEqual({ state: 'executing', attempts: 1, started_at: at(5) })
  })
})
