import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabaseUrl } from '../../../test/postgres.ts'
import { NOT_COPIED } from '../../db/copy/copied-table.ts'
import { listOwnTables } from '../../db/copy/own-tables.ts'
import { readCopy } from '../../db/copy/read-copy.ts'
import type { Database } from '../../db/database.ts'
import { insertRows } from '../../db/insert-rows.ts'
import { openDatabase } from '../../db/open-database.ts'
import { KINDS } from '../../db/test-database.ts'
import { silentLogger } from '../../lib/logger.ts'
import { FORMAT, FORMAT_VERSION, type BackupHead } from './backup-format.ts'
import { inspectBackup } from './inspect-backup.ts'
import { restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

const log = silentLogger
const NOT_ABORTED = new AbortController().signal

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Place {
  readonly database: string
  readonly dataDir: string
  readonly log: typeof log
}

async function makePlace(kind: Database['kind'], name: string): Promise<Place> {
  return { database: kind === 'sqlite' ? 'sqlite' : await createTestDatabaseUrl(), dataDir: join(folder, name), log }
}

async function withDatabase<T>(place: Place, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(place)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** Two rows in every table, with what is hard to carry over. */
async function fill(place: Place): Promise<void> {
  await withDatabase(place, async (db) => {
    const tables = await listOwnTables(db.read, db.kind)
    await db.write('background', async (tx) => {
      for (const { name, columns } of tables) {
        const toRow = (number: number) =>
          Object.entries(columns).map(([column, type]) =>
            type === 'bigint' ? (column === 'id' ? number : 2 ** 50 + number) : `${number} ünïcode "quoted" \n 🎉 \\`,
          )
        await insertRows(tx, { table: name, columns, values: [7, 9].flatMap(toRow), onConflict: '' })
      }
    })
  })
}

async function backUp(place: Place, file = join(folder, 'backup'), more: Partial<BackupHead> = {}): Promise<string> {
  await readCopy(place, (copy) => {
    const head: BackupHead = {
      format: FORMAT,
      version: FORMAT_VERSION,
      createdAt: new Date(0).toISOString(),
      program: '0.0.0',
      database: copy.kind,
      migrations: [...copy.migrations],
      configuration: null,
      sealed: null,
      ...more,
    }
    return writeBackup({ file, head, copy }, NOT_ABORTED)
  })
  return file
}

async function restoreFrom(file: string, place: Place, withSecrets = true): Promise<void> {
  await restoreBackup(place, { file, backup: await inspectBackup(file), withSecrets, now: 1_000 })
}

/** The rows of each table, in an order that is the same on both databases. */
async function readAll(place: Place): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  await readCopy(place, async (copy) => {
    for await (const { table, columns, rows } of copy.rows()) {
      const texts = rows.map((row) => columns.map((column, index) => JSON.stringify([column, row[index]])).toSorted())
      found.set(table, [...(found.get(table) ?? []), ...texts.map((text) => text.join())])
    }
  })
  return new Map([...found.keys()].toSorted().map((table) => [table, found.get(table)?.toSorted() ?? []]))
}

describe.each(KINDS.flatMap((from) => KINDS.map((to) => [from, to] as const)))('from %s into %s', (from, to) => {
  test('every row of every table comes back, but those of work under way and of sessions', async () => {
    const [source, target] = [await makePlace(from, 'a'), await makePlace(to, 'b')]
    await fill(source)

    const file = await backUp(source)
    await restoreFrom(file, target)

    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const [before, after] = [await readAll(source), await readAll(target)]
    expect([...after.keys()]).toEqual([...before.keys()])
    expect([...after.keys()].filter((name) => NOT_COPIED.has(name))).toEqual([])
    // Every issue is compared with Jira again.
    before.delete('issues')
    expect(after.get('issues')).toHaveLength(2)
    after.delete('issues')
    // Until when what is met may have been acted on.
    const settings = after.get('settings') ?? []
    expect(settings.filter((row) => row.includes('restored.sync'))).toHaveLength(1)
    after.set(
      'settings',
      settings.filter((row) => !row.includes('restored.sync')),
    )
    expect(after).toEqual(before)
  })

  test('new rows get ids that no copied one has', async () => {
    const [source, target] = [await makePlace(from, 'a'), await makePlace(to, 'b')]
    await fill(source)
    await restoreFrom(await backUp(source), target)

    const id = await withDatabase(target, (db) =>
      db.write('background', async (tx) => {
        const values = { name: 'n', scope: 'read' as const, value_hash: 'h', prefix: 'p', created_at: 1 }
        const row = await tx.insertInto('api_tokens').values(values).returning('id').executeTakeFirstOrThrow()
        return row.id
      }),
    )

    expect(id).toBe(10)
  })
})

describe.each(KINDS)('into %s', (kind) => {
  test('without the key the tokens of people are gone, with it they are there', async () => {
    const [source, without, withKey] = [await makePlace(kind, 'a'), await makePlace(kind, 'b'), await makePlace(kind, 'c')]
    await fill(source)
    const file = await backUp(source)
    const countTokens = (place: Place) =>
      withDatabase(place, async (db) => (await db.read.selectFrom('smart_commit_tokens').select('user_key').execute()).length)

    await restoreFrom(file, without, false)
    await restoreFrom(file, withKey)

    expect([await countTokens(without), await countTokens(withKey)]).toEqual([0, 2])
  })

  test.each([true, false])('events that waited for rules wait no more (with the key: %s)', async (withSecrets) => {
    const [source, target] = [await makePlace(kind, 'a'), await makePlace(kind, 'b')]
    await fill(source)
    await withDatabase(source, (db) =>
      db.write('background', (tx) => tx.updateTable('development_events').set({ state: 'pending' }).execute()),
    )

    await restoreFrom(await backUp(source), target, withSecrets)

    const states = await withDatabase(target, (db) => db.read.selectFrom('development_events').select('state').execute())
    expect(states).toEqual([{ state: 'done' }, { state: 'done' }])
  })

  test('that is in use nothing is restored', async () => {
    const place = await makePlace(kind, 'a')
    await fill(place)
    const file = await backUp(place)
    const before = await readAll(place)

    await expect(restoreFrom(file, place)).rejects.toMatchObject({ code: 'restore-not-empty' })

    expect(await readAll(place)).toEqual(before)
  })

  test('rows that do not fit leave nothing, and the next try works', async () => {
    const [source, target] = [await makePlace(kind, 'a'), await makePlace(kind, 'b')]
    await fill(source)
    const file = await backUp(source)
    const double = join(folder, 'double')
    await rewrite(file, double, (lines) => lines.flatMap((line) => (line.startsWith('[') ? [line, line] : [line])))

    await expect(restoreFrom(double, target)).rejects.toMatchObject({ code: 'backup-damaged' })
    await restoreFrom(file, target)

    expect((await readAll(target)).get('accounts')).toHaveLength(2)
  })

  test('a copy is of one moment, whatever is written meanwhile', async () => {
    const place = await makePlace(kind, 'a')
    await fill(place)
    const seen = new Map<string, number>()

    await withDatabase(place, (db) =>
      readCopy(place, async (copy) => {
        for await (const { table, rows } of copy.rows()) {
          if (seen.size === 0) await db.write('background', (tx) => tx.deleteFrom('users').execute())
          seen.set(table, (seen.get(table) ?? 0) + rows.length)
        }
      }),
    )

    expect(seen.get('users')).toBe(2)
    expect((await readAll(place)).get('users')).toEqual([])
  })
})

/** Writes other lines with a right end. */
async function rewrite(from: string, to: string, change: (lines: string[]) => readonly string[]): Promise<void> {
  const lines = change(
    gunzipSync(await readFile(from))
      .toString()
      .trimEnd()
      .split('\n')
      .slice(0, -1),
  )
  const text = lines.map((line) => `${line}\n`).join('')
  const rows = lines.filter((line) => line.startsWith('[')).length
  const end = { end: { rows, sha256: createHash('sha256').update(text).digest('hex') } }
  await writeFile(to, gzipSync(`${text}${JSON.stringify(end)}\n`))
}

describe('what is no backup is refused before anything is written', () => {
  let good: string
  beforeEach(async () => {
    const place = await makePlace('sqlite', 'a')
    await fill(place)
    good = await backUp(place)
  })

  const asBytes = (change: (bytes: Buffer) => Buffer) => async (to: string) => writeFile(to, change(await readFile(good)))
  const asText = (change: (text: string) => string) => asBytes((bytes) => gzipSync(change(gunzipSync(bytes).toString())))
  const asLines = (change: (lines: string[]) => readonly string[]) => (to: string) => rewrite(good, to, change)
  const inHead = (change: Readonly<Record<string, unknown>>) =>
    asLines(([head = '', ...rest]) => [JSON.stringify({ ...(JSON.parse(head) as object), ...change }), ...rest])

  test.each<[string, (to: string) => Promise<void>]>([
    ['nothing', asBytes(() => Buffer.alloc(0))],
    ['something else', asBytes(() => Buffer.from('PK\u0003\u0004 a zip file'))],
    ['something else, packed', asText(() => '{"format":"another"}\n')],
    ['no text', asBytes(() => gzipSync(Buffer.from([0xff, 0xfe, 0x0a])))],
    ['cut in the middle', asBytes((bytes) => bytes.subarray(0, bytes.length >> 1))],
    ['cut between two lines', asText((text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1))],
    ['cut within a line', asText((text) => text.slice(0, -5))],
    ['a changed row', asText((text) => text.replace('quoted', 'Quoted'))],
    ['more after its end', asText((text) => `${text}["more"]\n`)],
    ['a row of no table', asLines(([head = '', ...rest]) => [head, '["x"]', ...rest])],
    ['a line of another kind', asLines((lines) => [...lines, '{"path":"../../etc/passwd"}'])],
    ['values of another kind', asLines((lines) => [...lines, '[{"a":1}]'])],
    ['another head', inHead({ path: '../../x' })],
    ['a schema of none', inHead({ migrations: [] })],
    ['a schema in another order', inHead({ migrations: ['0002-builds', '0001-foundation'] })],
    ['a file that grows a thousand times', (to) => writeFile(to, gzipSync(Buffer.alloc(300 * 1024 * 1024, 0x61)))],
    ['lines that grow a thousand times', (to) => writeFile(to, gzipSync(Buffer.alloc(300 * 1024 * 1024, '{}\n')))],
  ])('%s', async (_name, make) => {
    const file = join(folder, 'bad')
    await make(file)

    await expect(inspectBackup(file)).rejects.toMatchObject({ code: 'backup-damaged' })
  })

  test.each<[string, (to: string) => Promise<void>]>([
    ['a table that there is not', asLines((lines) => [...lines, '{"table":"pg_shadow","columns":["a"]}', '["x"]'])],
    ['a table that is not copied', asLines((lines) => [...lines, '{"table":"sessions","columns":["id_hash"]}', '["x"]'])],
    [
      'a column that there is not',
      asLines((lines) => [...lines, '{"table":"users","columns":["a); drop table users"]}', '["x"]']),
    ],
    ['a column of every object', asLines((lines) => [...lines, '{"table":"users","columns":["constructor"]}', '["x"]'])],
    ['a row that is too short', asLines((lines) => [...lines, '{"table":"settings","columns":["key","value"]}', '["x"]'])],
    [
      'a number in the place of a text',
      asLines((lines) => [...lines, '{"table":"settings","columns":["key","value"]}', '["x",1]']),
    ],
  ])('%s', async (_name, make) => {
    const [file, target] = [join(folder, 'bad'), await makePlace('sqlite', 'b')]
    await make(file)

    await expect(restoreFrom(file, target)).rejects.toMatchObject({ code: 'backup-damaged' })
    await restoreFrom(good, target)
  })

  test.each<[string, (to: string) => Promise<void>]>([
    ['a newer format', inHead({ version: 2 })],
    ['a newer schema', asLines(([head = '', ...rest]) => [head.replace('0013-', '0099-'), ...rest])],
  ])('%s', async (_name, make) => {
    const file = join(folder, 'new')
    await make(file)

    await expect(inspectBackup(file)).rejects.toMatchObject({ code: 'backup-too-new' })
  })

  test('a file that is not there, and a folder', async () => {
    await expect(inspectBackup(join(folder, 'none'))).rejects.toMatchObject({ code: 'backup-unreadable' })
    await expect(inspectBackup(folder)).rejects.toMatchObject({ code: 'backup-unreadable' })
  })
})

test('a file that is there already is left as it is', async () => {
  const place = await makePlace('sqlite', 'a')
  await fill(place)
  const file = join(folder, 'mine')
  await writeFile(file, 'mine')

  await expect(backUp(place, file)).rejects.toMatchObject({ code: 'backup-unwritable' })

  expect(await readFile(file, 'utf8')).toBe('mine')
})

test('a copy of an older schema is brought up to date', async () => {
  const [source, target] = [await makePlace('sqlite', 'a'), await makePlace('sqlite', 'b')]
  await fill(source)
  const [tooNew, old] = [join(folder, 'too-new'), join(folder, 'old')]
  await rewrite(await backUp(source), tooNew, (lines) => lines.map((line) => line.replace(/,"0012-panel".*?(?=\])/, '')))
  const columns = await withDatabase(await makePlace('sqlite', 'c'), (db) => listOwnTables(db.read, 'sqlite'))

  await expect(restoreFrom(tooNew, target)).rejects.toMatchObject({ code: 'backup-damaged' })
  await rewrite(tooNew, old, asBeforeThePanel)
  await restoreFrom(old, target)

  expect((await readAll(target)).get('issues')).toHaveLength(2)
  expect(await withDatabase(target, (db) => listOwnTables(db.read, 'sqlite'))).toEqual(columns)
})

const LATER_TABLES = /^(?:manual_links|commit_files|smart_commit|trigger_|development_events|left_hooks|webhook_payloads)/
const LATER_COLUMNS = new Set(
  `refreshed_at files_version history_sync_id smart_commit_trust smart_commit_replies owner_kind owner_host_id
   owner_path owner_looked_up jobs_total jobs_successful jobs_failed jobs_at relinked_after
   arriving always_empty builds_found builds_repaired deployments_found deployments_repaired runs_looked_at
   webhook_url left_out hook_url missed_at woken_at`.split(/\s+/),
)

/** Without what the step 0012 and those after it brought, and with what they took away. */
function asBeforeThePanel(lines: readonly string[]): string[] {
  let head = { table: '', columns: [''] }
  return lines.flatMap((line) => {
    if (line.startsWith('{"table"')) head = JSON.parse(line) as typeof head
    if (LATER_TABLES.test(head.table)) return []
    if (head.table === '') return [line]
    const stays = head.columns.map((column) => !LATER_COLUMNS.has(column))
    const without = (values: readonly unknown[]) => values.filter((_value, index) => stays[index])
    const body = (value: string) => (head.table === 'webhook_deliveries' ? [value] : [])
    if (line.startsWith('{')) return [JSON.stringify({ table: head.table, columns: [...without(head.columns), ...body('body')] })]
    return [JSON.stringify([...without(JSON.parse(line) as unknown[]), ...body('{}')])]
  })
}
