import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { openSqlite } from './sqlite.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-writer-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test("an error of SQLite keeps its class and code on the way out of the writer's thread", async () => {
  const db = openSqlite(join(folder, 'test.sqlite'))
  await db.migrate()

  const failed = await db.write('background', (tx) => sql`select nonsense`.execute(tx)).catch((error: unknown) => error)

  await db.close()
  expect(failed).toBeInstanceOf(BetterSqlite3.SqliteError)
  expect(failed).toMatchObject({ code: 'SQLITE_ERROR', message: expect.stringContaining('nonsense') as string })
})

test('the event loop turns while a transaction works', async () => {
  const db = openSqlite(join(folder, 'test.sqlite'))
  await db.migrate()
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)

  await db.write('background', (tx) =>
    sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000) select count(*) from n`.execute(tx),
  )

  clearInterval(timer)
  await db.close()
  expect(turns).toBeGreaterThan(3)
})

test('a closed database refuses writes and leaves one file', async () => {
  const file = join(folder, 'test.sqlite')
  const db = openSqlite(file)
  await db.migrate()
  await db.close()

  await expect(db.write('background', (tx) => sql`select 1`.execute(tx))).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['test.sqlite'])
})

test('a transaction goes on without a turn of the event loop where the answers are taken', async () => {
  const db = openSqlite(join(folder, 'test.sqlite'))
  await db.migrate()
  // After a transaction it turns in any case.
  await systemClock.sleep(10)
  let turned = false
  let written = false

  const writing = db.write('webhook', (tx) => sql`create table t (a)`.execute(tx)).then(() => (written = true))
  setImmediate(() => (turned = true))
  const deadline = performance.now() + 5_000
  while (!written && performance.now() < deadline) {
    db.takeAnswers()
    await Promise.resolve()
  }

  expect({ written, turned }).toEqual({ written: true, turned: false })
  await writing
  await db.close()
})

test('a process may end with its database open', async () => {
  const program = join(folder, 'program.ts')
  const url = new URL('sqlite.ts', import.meta.url).href
  await writeFile(
    program,
    `import { openSqlite } from '${url}'\nconst db = openSqlite('${join(folder, 'test.sqlite')}')\nawait db.migrate()\nconsole.log('migrated')\n`,
  )

  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 20_000 })

  expect(stdout).toBe('migrated\n')
})

test('a statement of a transaction that has ended by itself is refused instead of standing alone', async () => {
  const db = openSqlite(join(folder, 'test.sqlite'))
  await db.migrate()

  const failed = await db
    .write('background', async (tx) => {
      await sql`insert into settings (key, value) values ('test.first', '1')`.execute(tx)
      // As SQLite does by itself when the disk is full.
      await sql`rollback`.execute(tx)
      await sql`insert into settings (key, value) values ('test.second', '1')`.execute(tx)
    })
    .catch((error: unknown) => error)
  const { rows } = await sql`select key from settings where key like 'test.%'`.execute(db.read)

  await db.close()
  expect(failed).toMatchObject({ message: expect.stringContaining('has ended') as string })
  expect(rows).toEqual([])
})
