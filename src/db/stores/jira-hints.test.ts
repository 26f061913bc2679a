import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { at, keys } from '../test-rows.ts'
import { markIssuesDirty, recordDelivery, saveIssueIdentity, setAsideUnknownProjects } from './issues.ts'
import {
  countKnownIssues,
  listAwaitedProjects,
  listHeldIssues,
  listKnownIssues,
  listNewestUnknownIssues,
  requeueIssues,
  selectUnknownIssues,
} from './jira-hints.ts'
import { replaceProjects } from './projects.ts'

describe.each(KINDS)('hints of Jira on %s', (kind) => {
  let place: TestPlace
  let db: Database
  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    const names = keys('SHOP-1', 'SHOP-2', 'PAY-3', 'NEW-4', 'OLD-5')
    await db.write('interactive', async (tx) => {
      await markIssuesDirty(
        tx,
        names.map((key, index) => ({ key, at: index })),
        at(0),
      )
      await replaceProjects(tx, [
        { id: '1', key: 'STORE', formerKeys: ['SHOP', 'OLD'], name: 'Shop' },
        { id: '2', key: 'PAY', formerKeys: [], name: 'Pay' },
      ])
      await setAsideUnknownProjects(tx)
    })
  })
  afterEach(() => place.remove())

  const identify = (name: string, jiraId: string, currentKey: string) =>
    db.write('interactive', async (tx) => {
      for (const key of keys(name)) await saveIssueIdentity(tx, key, { jiraId, currentKey })
    })
  const makeUnknown = (...names: string[]) =>
    db.write('interactive', (tx) =>
      tx.updateTable('issues').set({ state: 'unknown', due_at: null }).where('issue_key', 'in', names).execute(),
    )
  const row = (name: string) =>
    db.read
      .selectFrom('issues')
      .select(['state', 'version', 'due_at', 'content_hash', 'attempts', 'check_at', 'reason'])
      .where('issue_key', '=', name)
      .executeTakeFirstOrThrow()

  test('an issue is found by its key, by what Jira calls it, and by its number', async () => {
    await identify('SHOP-1', '101', 'PAY-9')
    const found = async (jiraId: string | null, ...names: string[]) =>
      (await listHeldIssues(db.read, { jiraId, keys: keys(...names) })).map(({ key }) => key).sort()

    expect(await found('101')).toEqual(['SHOP-1'])
    expect(await found(null, 'PAY-9')).toEqual(['SHOP-1'])
    expect(await found('101', 'SHOP-2', 'NONE-1')).toEqual(['SHOP-1', 'SHOP-2'])
    expect(await found(null)).toEqual([])
    expect(await listHeldIssues(db.read, { jiraId: '101', keys: [] })).toEqual([
      { key: 'SHOP-1', state: 'dirty', jiraId: '101', currentKey: 'PAY-9' },
    ])
  })

  test('a requeued issue is due, and a delivery that read it before does not count', async () => {
    await makeUnknown('SHOP-1')
    const [key] = keys('SHOP-1')
    if (key === undefined) throw new Error('no key')
    await db.write('interactive', (tx) => requeueIssues(tx, [key], { dueAt: at(1), uncertain: false }))

    await db.write('interactive', (tx) =>
      recordDelivery(tx, { key, version: 1 }, { state: 'unknown', reason: { code: 'x', message: 'x', remedy: null } }, at(2)),
    )

    expect(await row('SHOP-1')).toMatchObject({ state: 'dirty', version: 2, due_at: at(1) })
  })

  test('an earlier due time stays, and what Jira holds becomes uncertain only where something was written', async () => {
    await db.write('interactive', (tx) =>
      tx.updateTable('issues').set({ content_hash: 'h' }).where('issue_key', '=', 'SHOP-1').execute(),
    )

    await db.write('interactive', (tx) => requeueIssues(tx, keys('SHOP-1', 'SHOP-2'), { dueAt: at(5), uncertain: true }))

    expect(await row('SHOP-1')).toMatchObject({ due_at: at(0), content_hash: '?', attempts: 0, check_at: null, reason: null })
    expect(await row('SHOP-2')).toMatchObject({ due_at: at(0), content_hash: null })
  })

  test('projects are waited for by today’s key, with all that they had', async () => {
    await makeUnknown('OLD-5')

    const [store, ...others] = await listAwaitedProjects(db.read)

    // NEW is no project of Jira.
    expect(others).toEqual([])
    expect(store?.key).toBe('STORE')
    expect([...(store?.allKeys ?? [])].sort()).toEqual(['OLD', 'SHOP', 'STORE'])
  })

  test('unknown issues are told apart, newest first', async () => {
    await makeUnknown('SHOP-1', 'PAY-3')

    expect((await selectUnknownIssues(db.read, ['SHOP-1', 'SHOP-2', 'NONE-1'])).sort()).toEqual(['SHOP-1'])
    expect(await selectUnknownIssues(db.read, [])).toEqual([])
    expect(await listNewestUnknownIssues(db.read, 10)).toEqual(['PAY-3', 'SHOP-1'])
    expect(await listNewestUnknownIssues(db.read, 1)).toEqual(['PAY-3'])
  })

  test('known issues are listed part by part', async () => {
    await identify('SHOP-1', '101', 'SHOP-1')
    await identify('PAY-3', '103', 'PAY-3')
    await identify('SHOP-2', '102', 'SHOP-2')

    const first = await listKnownIssues(db.read, { after: '', limit: 2 })
    const second = await listKnownIssues(db.read, { after: 'SHOP-1', limit: 2 })

    expect([first, second].map((part) => part.map(({ key }) => key))).toEqual([['PAY-3', 'SHOP-1'], ['SHOP-2']])
    expect(await countKnownIssues(db.read)).toBe(3)
  })
})
