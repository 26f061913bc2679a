import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findFreePort, startTestPostgres } from '../postgres/start.ts'
import type { FreshMachine, Where } from './machine.ts'

/** An installed package on a machine. */
export interface Served {
  readonly machine: FreshMachine
  /** Its launcher. */
  readonly program: string
  readonly where: Where
}

/** It becomes ready, which takes migrations and the job queue, shows the web interface, and ends when it is told to. */
export async function serve({ machine, program, where }: Served, database: string): Promise<void> {
  const listen = `127.0.0.1:${await findFreePort()}`
  const file = join(where.cwd, `connector-${listen.split(':')[1]}.yaml`)
  const secretKey = randomBytes(32).toString('base64')
  const config = { server: { listen, secretKey }, database, dataDir: `./data-${listen.split(':')[1]}`, log: { level: 'error' } }
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  if (where.user !== undefined) await chown(file, where.user.uid, where.user.gid)
  const child = machine.start('node', [program, 'serve', '--config', file], where)
  const exited = once(child, 'exit')
  try {
    const ready: unknown = JSON.parse(await waitFor(`http://${listen}/readyz`, child))
    assert.deepEqual(ready, { status: 'ready', parts: { database: 'ok', migrations: 'ok', queue: 'ok' } })
    assert.match(await waitFor(`http://${listen}/`, child), /<script type="module"/)
  } finally {
    child.kill('SIGTERM')
    await exited
  }
  assert.equal(child.exitCode, 0)
}

/** The same in a new database of PostgreSQL, whose driver and job queue are in the bundle as well. */
export async function serveOnPostgres(served: Served): Promise<void> {
  const postgres = await startTestPostgres({ environment: process.env })
  const client = new pg.Client({ connectionString: postgres.url })
  try {
    await client.connect()
    const name = `install_${randomBytes(8).toString('hex')}`
    await client.query(`create database ${name}`)
    const address = new URL(postgres.url)
    address.pathname = `/${name}`
    await serve(served, address.href)
    await client.query(`drop database ${name} with (force)`)
  } finally {
    await client.end()
    await postgres.stop()
  }
}

/** The answer 200 of an address that may not be there yet. */
async function waitFor(url: string, child: ChildProcess): Promise<string> {
  const deadline = performance.now() + 30_000
  while (child.exitCode === null) {
    const answer = await fetch(url).catch((error: unknown) => String(error))
    if (typeof answer !== 'string' && answer.status === 200) return answer.text()
    if (performance.now() > deadline) throw new Error(`${url}: ${typeof answer === 'string' ? answer : answer.status}`)
    await sleep(50)
  }
  throw new Error(`serve ended with ${child.exitCode}`)
}
