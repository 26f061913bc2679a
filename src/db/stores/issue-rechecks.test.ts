import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { issueKey } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import {
  listDueIssues,
  listUnknownIssues,
  markIssuesDirty,
  recordDelivery,
  saveDeliveredContent,
  saveIssueIdentity,
  setAsideUnknownProjects,
} from './issues.ts'
import {
  forgetIssueIdentities,
  forgetJira,
  markDeliveredIssuesDirty,
  postponeChecks,
  retryRefusedIssues,
  retryRefusedProjects,
} from './issue-rechecks.ts'
import { replaceProjects } from './projects.ts'

const REASON = { code: 'refused', message: 'Jira refused.', remedy: null }
const MINUTE_MS = 60_000

describe.each(KINDS)('looking at issues again on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      await tx.deleteFrom('issues').execute()
      await replaceProjects(tx, [{ id: '1', key: 'SHOP', formerKeys: [], name: 'Shop' }])
    }),
  )
  afterAll(() => place.remove())

  const add = (key: string, state: 'refused' | 'unknown', checkAt: number) =>
    db.write('background', async (tx) => {
      await markIssuesDirty(tx, [{ key: issueKey(key), at: 1 }], 1)
      await recordDelivery(tx, { key: issueKey(key), version: 1 }, { state, reason: REASON, checkAt }, 2)
    })
  const get = (key: string) => db.read.selectFrom('issues').selectAll().where('issue_key', '=', key).executeTakeFirstOrThrow()

  test('an unknown issue is looked at when its time has come, each time later', async () => {
    await add('SHOP-1', 'unknown', 100)
    expect(await listUnknownIssues(db.read, { now: 99, limit: 9 })).toEqual([])
    expect(await listUnknownIssues(db.read, { now: 100, limit: 9 })).toEqual(['SHOP-1'])

    const waits: number[] = []
    for (let look = 0; look < 30; look++) {
      await db.write('background', (tx) =>
        postponeChecks(tx, [issueKey('SHOP-1')], { now: 1_000, baseMs: 5 * MINUTE_MS, maxMs: 60 * MINUTE_MS }),
      )
      waits.push(((await get('SHOP-1')).check_at ?? 0) - 1_000)
    }

    expect(waits.slice(0, 4).map((ms) => ms / MINUTE_MS)).toEqual([10, 20, 40, 60])
    expect(waits.at(-1)).toBe(60 * MINUTE_MS)
  })

  test('a refused issue becomes due at its time and keeps its reason and its attempts', async () => {
    await add('SHOP-1', 'refused', 100)
    await add('SHOP-2', 'refused', 200)
    await add('GONE-1', 'refused', 100)

    await db.write('background', (tx) => retryRefusedIssues(tx, { now: 150, limit: 10 }))

    const due = await listDueIssues(db.read, { now: 150, limit: 10 })
    expect(due).toMatchObject([{ key: 'SHOP-1', attempts: 1, reason: REASON, known: true }])
  })

  test('the others of a project become due at once', async () => {
    await add('SHOP-2', 'refused', 200)
    await add('SHOP-3', 'unknown', 200)

    await db.write('background', (tx) => retryRefusedProjects(tx, ['SHOP'], 150))

    expect(await listDueIssues(db.read, { now: 150, limit: 10 })).toMatchObject([{ key: 'SHOP-2' }])
  })

  test('what was written becomes uncertain with the identity, what was never written does not', async () => {
    await db.write('background', async (tx) => {
      await markIssuesDirty(
        tx,
        ['SHOP-1', 'SHOP-2', 'SHOP-3'].map((key) => ({ key: issueKey(key), at: 1 })),
        1,
      )
      await saveIssueIdentity(tx, issueKey('SHOP-1'), { jiraId: '71', currentKey: 'SHOP-1' })
      await saveIssueIdentity(tx, issueKey('SHOP-2'), { jiraId: '72', currentKey: 'SHOP-2' })
    })
    expect(await get('SHOP-1')).toMatchObject({ content_hash: '?' })
    await db.write('background', async (tx) => {
      await saveDeliveredContent(tx, '71', 'abc')
      await saveDeliveredContent(tx, '72', null)
      await saveIssueIdentity(tx, issueKey('SHOP-1'), { jiraId: '71', currentKey: 'PAY-1' })
    })
    expect(await get('SHOP-1')).toMatchObject({ content_hash: 'abc', current_key: 'PAY-1' })

    await db.write('background', async (tx) => {
      await forgetIssueIdentities(tx, [issueKey('SHOP-1')])
      await forgetIssueIdentities(tx, [])
    })
    expect(await get('SHOP-1')).toMatchObject({ jira_id: null, current_key: null, content_hash: '?' })

    await db.write('background', (tx) => forgetJira(tx, 50))
    for (const [key, hash] of [
      ['SHOP-1', '?'],
      ['SHOP-2', null],
      ['SHOP-3', null],
    ] as const) {
      expect(await get(key)).toMatchObject({ jira_id: null, content_hash: hash, state: 'dirty' })
    }
  })

  test('changed settings make due what Jira has or refused', async () => {
    await add('SHOP-1', 'refused', 100)
    await add('SHOP-2', 'unknown', 100)

    await db.write('background', (tx) => markDeliveredIssuesDirty(tx, 50))

    expect(await get('SHOP-1')).toMatchObject({ state: 'dirty', due_at: 50, version: 2 })
    expect(await get('SHOP-2')).toMatchObject({ state: 'unknown', due_at: null })
  })

  test('only the named keys are set aside', async () => {
    await db.write('background', async (tx) => {
      await markIssuesDirty(
        tx,
        ['UTF-8', 'SHA-1'].map((key) => ({ key: issueKey(key), at: 1 })),
        1,
      )
      await setAsideUnknownProjects(tx, [issueKey('UTF-8')])
    })

    expect(await listDueIssues(db.read, { now: 10, limit: 10 })).toMatchObject([{ key: 'SHA-1', known: false }])
  })
})
