import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import type { SchemaMigration } from './schema-migration.ts'
import { foundation } from './migrations/0001-foundation.ts'
import { createTestPlace, KINDS, type TestPlace } from './test-database.ts'

const step = (name: string, up: SchemaMigration['up'], breaking = false): SchemaMigration => ({ name, breaking, up })

const addColor = step('0002-color', async (db) => {
  await db.schema.createTable('colors').addColumn('name', 'text').execute()
})
const dropColors = step(
  '0003-no-colors',
  async (db) => {
    await db.schema.dropTable('colors').execute()
  },
  true,
)
const failing = step('0003-failing', async (db) => {
  await db.schema.createTable('half').addColumn('name', 'text').execute()
  await sql`insert into settings (key, value) values ('half', 'done')`.execute(db)
  await sql`insert into absent values (1)`.execute(db)
})

describe.each(KINDS)('migrations on %s', (kind) => {
  let place: TestPlace
  beforeEach(async () => {
    place = await createTestPlace(kind)
  })
  afterEach(() => place.remove())

  async function applied(db: Database): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db.read)
    return rows.map(({ name }) => name)
  }
  async function tables(db: Database): Promise<string[]> {
    const found = await db.read.introspection.getTables()
    return found.map(({ name }) => name)
  }

  test('a fresh database gets every table', async () => {
    const db = place.open()

    await db.migrate()

    expect(await tables(db)).toEqual(expect.arrayContaining(['accounts', 'commits', 'issues', 'jobs', 'settings']))
    expect(await applied(db)).toContain('0001-foundation')
  })

  test('a second run changes nothing', async () => {
    const db = place.open()
    await db.migrate()
    const before = await applied(db)
    await db.write('interactive', (tx) => tx.insertInto('settings').values({ key: 'kept', value: '1' }).execute())

    await db.migrate()

    expect(await applied(db)).toEqual(before)
    expect(await db.read.selectFrom('settings').select('key').where('key', '=', 'kept').execute()).toHaveLength(1)
  })

  test('a newer program adds its steps', async () => {
    await place.open([foundation]).migrate()
    const db = place.open([foundation, addColor])

    await db.migrate()

    expect(await applied(db)).toEqual(['0001-foundation', '0002-color'])
    expect(await tables(db)).toContain('colors')
  })

  test('a step that fails undoes the whole upgrade', async () => {
    await place.open([foundation]).migrate()
    const db = place.open([foundation, addColor, failing])

    const upgrade = db.migrate()

    await expect(upgrade).rejects.toMatchObject({ code: 'migration-failed', message: expect.stringContaining('0003-failing') })
    expect(await applied(db)).toEqual(['0001-foundation'])
    expect(await tables(db)).not.toEqual(expect.arrayContaining(['half']))
    expect(await tables(db)).not.toEqual(expect.arrayContaining(['colors']))
    expect(await db.read.selectFrom('settings').select('key').where('key', '=', 'half').execute()).toEqual([])
  })

  test('a failed upgrade of an empty database leaves it empty, and the repaired one works', async () => {
    await expect(place.open([foundation, failing]).migrate()).rejects.toMatchObject({ code: 'migration-failed' })

    const db = place.open([foundation, addColor])
    await db.migrate()

    expect(await applied(db)).toEqual(['0001-foundation', '0002-color'])
  })

  test('an older program accepts a newer schema that it can work with', async () => {
    await place.open([foundation, addColor]).migrate()
    const older = place.open([foundation])

    await older.migrate()

    expect(await applied(older)).toEqual(['0001-foundation', '0002-color'])
  })

  test('an older program refuses a newer schema that it cannot read', async () => {
    await place.open([foundation, addColor, dropColors]).migrate()
    const older = place.open([foundation, addColor])

    const start = older.migrate()

    await expect(start).rejects.toMatchObject({ code: 'database-too-new', message: expect.stringContaining('0003-no-colors') })
    expect(await applied(older)).toHaveLength(3)
  })
})

test('two nodes that start at once upgrade once', async () => {
  const place = await createTestPlace('postgres')
  try {
    let runs = 0
    const counted = step('0002-counted', async (db) => {
      runs += 1
      await db.schema.createTable('counted').addColumn('name', 'text').execute()
    })
    const nodes = [1, 2, 3].map(() => place.open([foundation, counted]))

    await Promise.all(nodes.map((node) => node.migrate()))

    expect(runs).toBe(1)
  } finally {
    await place.remove()
  }
})

test('a webhook arriving during an upgrade of the embedded database waits for it', async () => {
  const place = await createTestPlace('sqlite')
  try {
    const db = place.open()

    const [, rows] = await Promise.all([
      db.migrate(),
      db.write('webhook', (tx) => tx.insertInto('settings').values({ key: 'hook', value: '1' }).returning('key').execute()),
    ])

    expect(rows).toEqual([{ key: 'hook' }])
  } finally {
    await place.remove()
  }
})

test('PostgreSQL compresses payloads by lz4 where it offers that', async () => {
  const place = await createTestPlace('postgres')
  const db = place.open()
  await db.migrate()

  const { rows } = await sql<{ offered: boolean; used: boolean }>`
    select coalesce((select 'lz4' = any(enumvals) from pg_settings where name = 'default_toast_compression'), false) as offered,
      coalesce(to_jsonb(a) ->> 'attcompression' = 'l', false) as used
    from pg_attribute a where attrelid = 'webhook_payloads'::regclass and attname = 'body'
  `.execute(db.read)

  await place.remove()
  expect(rows).toMatchObject([{ used: rows[0]?.offered }])
})
