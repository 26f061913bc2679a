import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { accountSettings } from '../test-rows.ts'
import { saveAccount } from './accounts.ts'
import { findSetting, saveSetting } from './settings.ts'
import { pullTimesBack } from './times-ahead.ts'

const NOW = 1_000_000
const BY = 500_000

describe.each(KINDS)('times of a clock that was set back, on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  test('what lies ahead comes nearer, what is past or absent stays', async () => {
    await db.write('background', (tx) => saveAccount(tx, accountSettings('acme'), {}, NOW))
    await db.write('background', (tx) =>
      tx
        .updateTable('accounts')
        .set({ swept_at: NOW + 7, next_sweep_at: NOW - 7, webhook_sweep_at: null })
        .execute(),
    )

    await db.write('background', (tx) => pullTimesBack(tx, { now: NOW, byMs: BY }))

    const row = await db.read.selectFrom('accounts').select(['swept_at', 'next_sweep_at', 'webhook_sweep_at']).executeTakeFirst()
    expect(row).toEqual({ swept_at: NOW + 7 - BY, next_sweep_at: NOW - 7, webhook_sweep_at: null })
  })

  test('so does the time that deliveries to Jira wait for; the rest of it stays', async () => {
    const hold = { until: NOW + 9, tries: 3, problem: { code: 'jira-unavailable', message: 'away' }, passing: true }
    await db.write('background', (tx) => saveSetting(tx, 'jira.delivery-hold', JSON.stringify(hold)))

    await db.write('background', (tx) => pullTimesBack(tx, { now: NOW, byMs: BY }))

    expect(JSON.parse((await findSetting(db.read, 'jira.delivery-hold')) ?? '')).toEqual({ ...hold, until: NOW + 9 - BY })
  })
})
