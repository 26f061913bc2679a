import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemSchema } from '../contract/problem.ts'
import { healthSchema, readinessSchema } from '../contract/readiness.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

let t: TestHttpApp
beforeEach(async () => {
  t = await startTestHttpApp()
})
afterEach(() => t.dispose())

test('alive and ready, for anyone', async () => {
  const health = await t.send('GET', '/healthz', { authorization: null })
  const ready = await t.send('GET', '/readyz', { authorization: null })

  expect([health.status, ready.status]).toEqual([200, 200])
  expect(healthSchema.strict().parse(health.json())).toEqual({ status: 'alive' })
  expect(readinessSchema.strict().parse(ready.json()).parts).toEqual({ database: 'ok', migrations: 'ok', queue: 'ok' })
})

test('a part that fails is named, its error is for the log alone', async () => {
  const jobs = { ...t.app.jobs, stats: () => Promise.reject(new Error('no such table: jobs')) }
  const other = await startTestHttpApp({ app: { ...t.app, jobs } })
  try {
    const answer = await other.send('GET', '/readyz', { authorization: null })

    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('30')
    expect(problemSchema.parse(answer.json())).toMatchObject({
      code: 'not-ready',
      detail: 'Not ready: queue.',
      parts: { database: 'ok', migrations: 'ok', queue: 'failed' },
    })
    expect(answer.text).not.toContain('no such table')
    expect(JSON.stringify(other.logged)).toContain('no such table')
  } finally {
    await other.dispose()
  }
})

test('a part that does not answer is not waited for', async () => {
  const jobs = { ...t.app.jobs, stats: () => new Promise<never>(() => undefined) }
  const clock = { ...t.app.clock, sleep: () => Promise.resolve() }
  const other = await startTestHttpApp({ app: { ...t.app, jobs, clock } })
  try {
    expect((await other.send('GET', '/readyz')).json()).toMatchObject({ parts: { queue: 'failed' } })
  } finally {
    await other.dispose()
  }
})

test('a database that cannot be read is alive and not ready', async () => {
  await t.app.db.write('interactive', async (tx) => {
    for (const table of ['settings', 'kysely_migration', 'jobs']) await tx.schema.dropTable(table).execute()
  })

  expect((await t.send('GET', '/readyz')).json()).toMatchObject({
    parts: { database: 'failed', migrations: 'failed', queue: 'failed' },
  })
  expect((await t.send('GET', '/healthz')).status).toBe(200)
})

test('a schema that lacks a step is not ready', async () => {
  await t.app.db.write('interactive', (tx) => tx.deleteFrom('kysely_migration' as 'settings').execute())

  expect((await t.send('GET', '/readyz')).json()).toMatchObject({ parts: { database: 'ok', migrations: 'failed', queue: 'ok' } })
})
