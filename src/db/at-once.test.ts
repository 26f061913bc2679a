import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { atOnce } from './at-once.ts'
import type { Database, Tx } from './database.ts'
import { createTestPlace, KINDS, type TestPlace } from './test-database.ts'

describe.each(KINDS)('parts of a transaction at once on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  const set = (tx: Tx, key: string) => () => tx.insertInto('settings').values({ key, value: '1' }).execute()
  const stored = async () => {
    const rows = await db.read.selectFrom('settings').select('key').where('key', 'like', 'test.%').orderBy('key').execute()
    return rows.map(({ key }) => key)
  }

  test('results come in the order of the parts, as the first statements of a transaction', async () => {
    const numbers = await db.write('background', (tx) =>
      atOnce(
        tx,
        [3, 1, 2].map((number) => async () => {
          const { rows } = await sql<{ n: number }>`select cast(${number} as bigint) as n`.execute(tx)
          return rows[0]?.n
        }),
      ),
    )

    expect(numbers).toEqual([3, 1, 2])
  })

  test('nothing of any part is stored when one of them fails, however late the others ask', async () => {
    const failing = db.write('background', (tx) =>
      atOnce(tx, [
        set(tx, 'test.first'),
        () => sql`select nonsense`.execute(tx),
        async () => {
          await set(tx, 'test.second')()
          await set(tx, 'test.third')()
        },
      ]),
    )

    await expect(failing).rejects.toThrow('nonsense')
    expect(await stored()).toEqual([])
    await db.write('background', (tx) => atOnce(tx, [set(tx, 'test.later')]))
    expect(await stored()).toEqual(['test.later'])
  })

  test('no parts are no statement', async () => {
    expect(await db.write('background', (tx) => atOnce(tx, []))).toEqual([])
  })
})
