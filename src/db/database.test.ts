import { stat } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { toStorableText } from '../domain/storable-text.ts'
import { systemClock } from '../lib/clock.ts'
import type { Database, Tx } from './database.ts'
import { isPostgres, jsonRows } from './json-rows.ts'
import { openSqlite } from './sqlite.ts'
import { createTestPlace, KINDS, type TestPlace } from './test-database.ts'

const put = (tx: Tx, key: string, value: string) => tx.insertInto('settings').values({ key, value }).execute()

describe.each(KINDS)('database on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() => db.write('interactive', (tx) => tx.deleteFrom('settings').where('key', 'like', 'test.%').execute()))
  afterAll(() => place.remove())

  const keys = async () => {
    const rows = await db.read.selectFrom('settings').select('key').where('key', 'like', 'test.%').orderBy('key').execute()
    return rows.map(({ key }) => key)
  }

  test('a write is visible after it, and returns what the work returned', async () => {
    const result = await db.write('interactive', async (tx) => {
      await put(tx, 'test.a', '1')
      return 'returned'
    })

    expect(result).toBe('returned')
    expect(await keys()).toEqual(['test.a'])
  })

  test('a write that rejects leaves nothing behind, and the next one works', async () => {
    const failing = db.write('interactive', async (tx) => {
      await put(tx, 'test.a', '1')
      throw new Error('changed its mind')
    })

    await expect(failing).rejects.toThrow('changed its mind')
    await db.write('interactive', (tx) => put(tx, 'test.b', '1'))
    expect(await keys()).toEqual(['test.b'])
  })

  test('writes that lock the same rows in opposite orders all end', async () => {
    await db.write('interactive', async (tx) => {
      await put(tx, 'test.a', '0')
      await put(tx, 'test.b', '0')
    })
    const raise = (tx: Tx, key: string) =>
      sql`update settings set value = cast(cast(value as integer) + 1 as text) where key = ${key}`.execute(tx)
    const raiseBoth = (first: string, second: string) =>
      db.write('interactive', async (tx) => {
        await raise(tx, first)
        await raise(tx, second)
      })

    await Promise.all(
      Array.from({ length: 4 }, (_, index) => (index % 2 === 0 ? raiseBoth('test.a', 'test.b') : raiseBoth('test.b', 'test.a'))),
    )

    const rows = await db.read.selectFrom('settings').select('value').where('key', 'like', 'test.%').execute()
    expect(rows).toEqual([{ value: '4' }, { value: '4' }])
  })

  test('a statement that fails rolls the whole write back', async () => {
    const failing = db.write('interactive', async (tx) => {
      await put(tx, 'test.a', '1')
      await put(tx, 'test.a', '2')
    })

    await expect(failing).rejects.toThrow(/unique/i)
    expect(await keys()).toEqual([])
  })

  test('readers go on during a write and do not see its unfinished work', async () => {
    const written = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const writing = db.write('background', async (tx) => {
      await put(tx, 'test.a', '1')
      written.resolve()
      await gate.promise
    })
    await written.promise

    expect(await keys()).toEqual([])

    gate.resolve()
    await writing
    expect(await keys()).toEqual(['test.a'])
  })

  test('knows its dialect', async () => {
    expect(isPostgres(db.read)).toBe(kind === 'postgres')
    expect(await db.write('interactive', (tx) => Promise.resolve(isPostgres(tx)))).toBe(kind === 'postgres')
  })

  test('generated ids and 53-bit numbers come back as numbers', async () => {
    const at = Number.MAX_SAFE_INTEGER
    const { id } = await db.write('interactive', (tx) =>
      tx
        .insertInto('jobs')
        .values({
          name: 'n',
          key: null,
          payload: '{}',
          priority: 0,
          run_at: at,
          attempts: 0,
          locked_until: null,
          locked_by: null,
          last_error: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    )

    const row = await db.read.selectFrom('jobs').select(['id', 'run_at', 'locked_until']).where('id', '=', id).executeTakeFirst()

    expect(row).toEqual({ id: expect.any(Number), run_at: at, locked_until: null })
    await db.write('interactive', (tx) => tx.deleteFrom('jobs').where('id', '=', id).execute())
  })

  const TEXTS = [
    '',
    'plain',
    `it's "quoted" \\ back\\slash`,
    'Grüße 😀 家族👨‍👩‍👧',
    'line\nbreak\ttab\u0001',
    '{"json": ["$.x", null]}',
    'null',
    '12',
    '; drop table settings; --',
  ]

  test('rows as JSON come back unchanged, null included', async () => {
    const rows = [
      ...TEXTS.map((text, index) => ({ n: index, t: text })),
      { n: -1, t: null },
      { n: Number.MAX_SAFE_INTEGER, t: 'big' },
    ]

    const result = await db.write('interactive', (tx) =>
      sql<{ n: number; t: string | null }>`select r.n, r.t from ${jsonRows(tx, { n: 'bigint', t: 'text' }, rows)} as r`.execute(
        tx,
      ),
    )

    expect(result.rows.toSorted((a, b) => a.n - b.n)).toEqual(rows.toSorted((a, b) => a.n - b.n))
  })

  test('rows as JSON can be none, or thousands', async () => {
    const count = async (rows: object[]) => {
      const { rows: counted } = await sql<{
        n: number
      }>`select count(*) as n from ${jsonRows(db.read, { n: 'bigint' }, rows)} as r`.execute(db.read)
      return counted[0]?.n
    }

    expect(await count([])).toBe(0)
    expect(await count(Array.from({ length: 20_000 }, (_, n) => ({ n })))).toBe(20_000)
  })

  test('texts made storable are kept whole, with what was NUL or half a character replaced', async () => {
    const texts = ['a\0b', 'half \ud83d', ...TEXTS].map((text) => toStorableText(text, { maxBytes: 1_000 }))
    const rows = texts.map((t, n) => ({ n, t }))

    await db.write('interactive', async (tx) => {
      await sql`insert into settings (key, value)
        select ${'test.'} || r.n, r.t from ${jsonRows(tx, { n: 'bigint', t: 'text' }, rows)} as r`.execute(tx)
    })

    const stored = await db.read.selectFrom('settings').select(['key', 'value']).where('key', 'like', 'test.%').execute()
    expect(Object.fromEntries(stored.map(({ key, value }) => [key, value]))).toEqual(
      Object.fromEntries(texts.map((text, index) => [`test.${index}`, text])),
    )
    expect(texts[0]).toBe('a\ufffdb')
  })
})

describe('embedded database', () => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace('sqlite')
    db = place.open()
    await db.migrate()
  })
  afterAll(() => place.remove())

  test('webhooks pass an import that waits with many batches', async () => {
    const order: string[] = []
    const write = (priority: 'webhook' | 'interactive' | 'background', name: string) =>
      db.write(priority, async (tx) => {
        await put(tx, `order.${name}`, '1')
        order.push(name)
      })
    const gate = Promise.withResolvers<void>()
    const first = db.write('background', () => gate.promise)
    const batches = [1, 2].map((number) => write('background', `batch ${number}`))
    const urgent = [write('interactive', 'button'), write('webhook', 'webhook')]

    gate.resolve()
    await Promise.all([first, ...batches, ...urgent])

    expect(order).toEqual(['webhook', 'button', 'batch 1', 'batch 2'])
  })

  test('the reading handle cannot write', async () => {
    await expect(db.read.insertInto('settings').values({ key: 'x', value: 'y' }).execute()).rejects.toThrow(/readonly/)
  })

  test('is durable and readable by its owner alone', async () => {
    const { rows: files } = await sql<{ file: string }>`select file from pragma_database_list where name = 'main'`.execute(
      db.read,
    )
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db.read)
    const synchronous = await db.write('interactive', (tx) => sql<{ synchronous: number }>`pragma synchronous`.execute(tx))

    expect(journal.rows).toEqual([{ journal_mode: 'wal' }])
    expect(synchronous.rows).toEqual([{ synchronous: 2 }])
    const { mode } = await stat(files[0]?.file ?? '')
    expect(mode & 0o777).toBe(0o600)
  })

  test('says what to check when the file cannot be opened', () => {
    expect(() => openSqlite('/nowhere/at/all.sqlite')).toThrow(expect.objectContaining({ code: 'database-unavailable' }))
  })

  test('close waits for the writes that were asked for', async () => {
    const other = place.open()
    const writing = other.write('background', (tx) => put(tx, 'closing', '1'))

    await other.close()

    await writing
    expect(await db.read.selectFrom('settings').select('key').where('key', '=', 'closing').execute()).toHaveLength(1)
  })
})

describe('PostgreSQL', () => {
  let place: TestPlace
  beforeAll(async () => {
    place = await createTestPlace('postgres')
  })
  afterAll(() => place.remove())

  test('a connection that breaks inside a transaction fails it and nothing else', async () => {
    const db = place.open()
    await db.migrate()

    const broken = db.write('interactive', async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db.read)
      await systemClock.sleep(200)
      await put(tx, 'test.a', '1')
    })

    await expect(broken).rejects.toThrow()
    await db.write('interactive', (tx) => put(tx, 'test.b', '1'))
    const rows = await db.read.selectFrom('settings').select('key').where('key', 'like', 'test.%').execute()
    expect(rows).toEqual([{ key: 'test.b' }])
  })
})
