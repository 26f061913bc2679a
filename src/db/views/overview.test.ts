import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { KINDS, createTestPlace, type TestPlace } from '../test-database.ts'
import { countJiraWritesByHour } from './overview.ts'

const HOUR_MS = 60 * 60_000
const NOON = Date.UTC(2026, 0, 1, 12)

describe.each(KINDS)('the overview on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  function write(at: number, outcome: 'done' | 'failed'): Promise<unknown> {
    const values = {
      issue_key: 'SHOP-1',
      jira_id: '1',
      kind: 'property',
      written_at: at,
      ms: 100,
      outcome,
      status: 200,
      error: null,
      bytes: 1,
      content_hash: 'h',
      sync_id: null,
    } as const
    return db.write('background', (tx) => tx.insertInto('jira_writes').values(values).execute())
  }

  test('counts writes to Jira by the hour and by outcome, and nothing older', async () => {
    await write(NOON - 1, 'done')
    await write(NOON, 'done')
    await write(NOON + HOUR_MS - 1, 'failed')
    await write(NOON + HOUR_MS, 'done')
    await write(NOON + HOUR_MS + 1, 'done')

    expect(await countJiraWritesByHour(db.read, NOON)).toEqual(
      new Map([
        [NOON, { done: 1, failed: 1 }],
        [NOON + HOUR_MS, { done: 2, failed: 0 }],
      ]),
    )
    expect(await countJiraWritesByHour(db.read, NOON + 2 * HOUR_MS)).toEqual(new Map())
    expect((await countJiraWritesByHour(db.read, 0)).size).toBe(3)
  })
})
