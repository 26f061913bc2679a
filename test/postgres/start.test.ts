import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createTestDatabaseUrl } from '../postgres.ts'
import { findPostgresServer, machineFolders } from './find-server.ts'
import { startTestPostgres } from './start.ts'

async function ask(connectionString: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

test('gives every caller an empty database of its own', async () => {
  const urls = await Promise.all([createTestDatabaseUrl(), createTestDatabaseUrl()])

  expect(new Set(urls).size).toBe(2)
  for (const url of urls) expect(await ask(url, `select count(*)::int from pg_tables where schemaname = 'public'`)).toBe(0)
  expect(inject('testPostgresPort')).toBeGreaterThan(0)
})

test('uses the server that TEST_DATABASE_URL names and leaves it running', async () => {
  const url = await createTestDatabaseUrl()

  const given = await startTestPostgres({ environment: { TEST_DATABASE_URL: url } })
  await given.stop()

  expect(given.url).toBe(url)
  expect(await ask(url, 'select 1')).toBe(1)
})

test('runs the server that npm brought when the machine has none, with its missing links made', async () => {
  const postgres = await startTestPostgres({ environment: {}, findServer: () => findPostgresServer([]) })

  const folder = String(await ask(postgres.url, 'show data_directory'))
  expect(await ask(postgres.url, `select fsync from (select current_setting('fsync') as fsync) s`)).toBe('off')
  await postgres.stop()

  expect(existsSync(folder)).toBe(false)
})

test('says what to install when there is none', async () => {
  const starting = startTestPostgres({ environment: {}, findServer: () => null })

  await expect(starting).rejects.toThrow(/TEST_DATABASE_URL.*apt install postgresql.*npm ci/)
})

test('prefers the programs of the machine', () => {
  const own = findPostgresServer()
  const hidden = findPostgresServer([])

  expect(hidden?.kind).toBe('bundled')
  const folder = hidden?.binFolder ?? ''
  expect(findPostgresServer(['/nowhere', folder])).toEqual({ kind: 'machine', binFolder: folder })
  expect(own?.kind === 'machine').toBe(machineFolders().some((path) => existsSync(`${path}/initdb`)))
})

test('the server ends and its folder goes when the process that started it is killed', async () => {
  const script = `import { startTestPostgres } from ${JSON.stringify(fileURLToPath(new URL('./start.ts', import.meta.url)))}
    const { url } = await startTestPostgres({ environment: {} })
    console.log(url)
    setInterval(() => {}, 1000)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(starter.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  const folder = String(await ask(url, 'show data_directory'))

  starter.kill('SIGKILL')
  await text(starter.stdout)
  for (let tries = 0; existsSync(folder) && tries < 100; tries += 1) await sleep(50)

  expect(existsSync(folder)).toBe(false)
  await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})
