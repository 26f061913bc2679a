import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { issueKey } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { at } from '../test-rows.ts'
import { findTriggerRuns, saveTriggerRun, type TriggerRun } from './trigger-runs.ts'

const run = (state: TriggerRun['state'], more: Partial<TriggerRun> = {}): TriggerRun => ({
  eventId: 1,
  issueKey: issueKey('SHOP-1'),
  issueId: null,
  rule: { id: '7', name: 'Start' },
  state,
  summary: state,
  problem: null,
  moved: false,
  targetStatus: null,
  at: new Date(at(1)),
  ...more,
})

describe.each(KINDS)('what a rule did, on %s', (kind) => {
  let place: TestPlace
  let db: Database
  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() => db.write('background', (tx) => tx.deleteFrom('trigger_runs').execute()))
  afterAll(() => place.remove())

  const save = (what: TriggerRun, over: number | null) => db.write('background', (tx) => saveTriggerRun(tx, what, over))
  const stored = async () => (await findTriggerRuns(db.read, 1)).get(issueKey('SHOP-1'))

  test('it is under way, then done', async () => {
    const begun = await save(run('acting', { targetStatus: 'Done' }), null)
    expect(await stored()).toMatchObject({ state: 'acting', targetStatus: 'Done', attempt: begun })

    expect(await save(run('done', { moved: true }), begun)).not.toBeNull()

    expect(await stored()).toMatchObject({ state: 'done', targetStatus: null })
  })

  test('of two that begin at once one goes on', async () => {
    const begun = await Promise.all([save(run('acting'), null), save(run('acting'), null)])

    expect(begun.filter((attempt) => attempt !== null)).toHaveLength(1)
  })

  test('of two that take over what was left acting one goes on', async () => {
    const left = await save(run('acting'), null)

    const taken = await Promise.all([save(run('acting'), left), save(run('acting'), left)])

    expect(taken.filter((attempt) => attempt !== null)).toHaveLength(1)
  })

  test('one that comes late neither begins nor ends what is done, nor what another one has under way', async () => {
    const first = await save(run('acting'), null)
    const second = await save(run('acting'), first)
    expect(await save(run('failed'), first)).toBeNull()
    expect(await stored()).toMatchObject({ state: 'acting', attempt: second })
    await save(run('done'), second)
    const before = await stored()

    for (const late of [null, first, second, before?.attempt ?? null]) {
      for (const state of ['acting', 'done', 'skipped', 'failed'] as const) expect(await save(run(state), late)).toBeNull()
    }

    expect(await stored()).toEqual(before)
  })
})
