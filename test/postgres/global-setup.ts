import { createServer, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startTestPostgres, type TestPostgres } from './start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `createTestDatabaseUrl` asks for a database. */
    testPostgresPort: number
  }
}

/**
 * One PostgreSQL for the whole test run, started when the first test file asks for a database (a run without one pays
 * nothing). Each connection to the port is answered with one line of JSON, `{ "url" }` of a new database or `{ "error" }`.
 */
export default async function setUpPostgres(project: TestProject): Promise<() => Promise<void>> {
  const created: string[] = []
  let starting: Promise<TestPostgres> | null = null

  async function answer(socket: Socket): Promise<void> {
    try {
      starting ??= startTestPostgres({ environment: process.env })
      const { url } = await starting
      const name = `test_${randomBytes(8).toString('hex')}`
      await query(url, `create database ${name}`)
      created.push(name)
      socket.end(JSON.stringify({ url: withDatabase(url, name) }))
    } catch (error) {
      socket.end(JSON.stringify({ error: String(error) }))
    }
  }

  const door = createServer((socket) => void answer(socket.on('error', () => socket.destroy())))
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  if (address === null || typeof address === 'string') throw new Error('The port for test databases has no number')
  project.provide('testPostgresPort', address.port)

  return async () => {
    door.close()
    const postgres = await starting?.catch(() => null)
    if (!postgres) return
    // A private cluster goes as a whole; on a server of the user's every database is dropped.
    if (process.env.TEST_DATABASE_URL)
      for (const name of created) await query(postgres.url, `drop database if exists ${name} with (force)`)
    await postgres.stop()
  }
}

async function query(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}
