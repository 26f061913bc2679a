import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createLogger, silentLogger } from '../lib/logger.ts'
import { openGraphileQueue } from './graphile.ts'
import { listWaitingParties } from './graphile-rows.ts'
import { toPriorityNumber, type JobQueue, type RunningJobs } from './job-queue.ts'
import {
  hookRequest,
  kill,
  openTestQueue,
  QUICK,
  spawnHangingWorker,
  syncRequest,
  untilAborted,
  type TestQueue,
} from './test-queue.ts'

let t: TestQueue
const others: RunningJobs[] = []

beforeAll(async () => {
  t = await openTestQueue('postgres')
})
afterEach(async () => {
  for (const workers of others.splice(0)) await workers.stop()
  await t.clear()
})
afterAll(() => t.close())

const open = () => openGraphileQueue({ url: t.url, db: t.db, clock: systemClock, log: silentLogger, timing: QUICK })
const untilEmpty = () => vi.waitFor(async () => expect(await t.stats()).toMatchObject({ waiting: 0, running: 0 }), 10_000)

/** Ends connections of the database, as an administrator or a restart would; returns how many. */
async function terminate(applicationName: string): Promise<number> {
  const client = new pg.Client({ connectionString: t.url })
  await client.connect()
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like $1`,
    [applicationName],
  )
  await client.end()
  return rowCount ?? 0
}

test('nodes may set the queue up at the same time', async () => {
  const queues = await Promise.all([open(), open(), open()])

  expect(queues).toHaveLength(3)
})

test('tells whose jobs are due, whatever else waits, from an index that knows the parties', async () => {
  await t.add(syncRequest('1', { party: 'acme', priority: 'first-import' }))
  await t.add(syncRequest('2', { party: 'acme', priority: 'webhook' }))
  await t.add(syncRequest('3', { party: 'acme', priority: 'webhook', runAt: new Date(Date.now() + 60_000) }))
  await t.add(syncRequest('4', { party: 'later', runAt: new Date(Date.now() + 60_000) }))
  await t.add(syncRequest('5', { party: 'zoo', priority: 'first-import' }))
  await t.add(syncRequest('6'))

  const parties = await listWaitingParties(t.db.read, 'sync-repository')

  expect(parties.map(({ party }) => party)).toEqual(['acme', 'zoo'])
  expect(parties.map(({ priority }) => priority)).toEqual([
    toPriorityNumber(syncRequest('2', { priority: 'webhook' })),
    toPriorityNumber(syncRequest('5', { priority: 'first-import' })),
  ])
  expect(await listWaitingParties(t.db.read, 'process-webhook')).toEqual([])
  const { rows } = await sql<object>`select to_regclass('graphile_worker.jira_dvcs_waiting_party') as found`.execute(t.db.read)
  expect(rows).toEqual([{ found: 'graphile_worker.jira_dvcs_waiting_party' }])
})

test('says what to do when the database cannot be reached', async () => {
  const url = 'postgres://nobody:secret@127.0.0.1:1/none'

  const opening = openGraphileQueue({ url, db: t.db, clock: systemClock, log: silentLogger })

  await expect(opening).rejects.toMatchObject({ code: 'job-queue-unavailable', retryable: true })
  await expect(opening).rejects.not.toThrow(/secret/)
})

test('two nodes never run jobs of one key at once, and both work', async () => {
  const active = new Map<number, number>()
  const byNode = [0, 0]
  let most = 0
  const handler =
    (node: number) =>
    async ({ deliveryId }: { deliveryId: number }) => {
      active.set(deliveryId, (active.get(deliveryId) ?? 0) + 1)
      most = Math.max(most, active.get(deliveryId) ?? 0)
      byNode[node] = (byNode[node] ?? 0) + 1
      await systemClock.sleep(15)
      active.set(deliveryId, (active.get(deliveryId) ?? 0) - 1)
    }
  const second: JobQueue = await open()
  await t.start({ 'process-webhook': handler(0) })
  const unexpected = () => Promise.reject(new Error('not expected'))
  const rest = {
    'sweep-account': unexpected,
    'prove-account': unexpected,
    'sync-repository': unexpected,
    'process-webhooks': unexpected,
    'check-credentials': unexpected,
    'rotate-webhook-secret': unexpected,
    deliver: unexpected,
    'refresh-projects': unexpected,
    'prune-journals': unexpected,
    'poll-jira': unexpected,
    'load-files': unexpected,
    'execute-smart-commits': unexpected,
    'delete-account': unexpected,
    'run-triggers': unexpected,
  }
  others.push(await second.start({ ...rest, 'process-webhook': handler(1) }, { concurrency: { 'process-webhook': 4 } }))

  const adding = [1, 2, 3].map(async (id) => {
    for (let round = 0; round < 40; round++) await t.add(hookRequest(id, `hook:${id}`))
  })
  await Promise.all(adding)

  await untilEmpty()
  expect(most).toBe(1)
  expect(Math.min(...byNode)).toBeGreaterThan(0)
})

test('a living node takes over from a killed one', { timeout: 60_000 }, async () => {
  await t.add(syncRequest('1'))
  const child = await spawnHangingWorker(t)
  const attempts: number[] = []
  await t.start({ 'sync-repository': async (_payload, { attempt }) => void attempts.push(attempt) })
  await systemClock.sleep(1_000)
  expect(attempts, 'while the other node lives').toEqual([])

  await kill(child)

  await vi.waitFor(() => expect(attempts).toEqual([2]), 30_000)
})

test('a job that runs for hours stays taken', { timeout: 60_000 }, async () => {
  await t.start({ 'sync-repository': (_payload, { signal }) => untilAborted(signal) })
  await t.add(syncRequest('1'))
  await vi.waitFor(async () => expect(await t.stats()).toMatchObject({ running: 1 }))
  const aged = sql`update graphile_worker._private_jobs set locked_at = now() - interval '3 hours'`
  const age = sql<{
    hours: number
  }>`select (extract(epoch from now() - locked_at) / 3600)::float8 as hours from graphile_worker.jobs`

  await aged.execute(t.db.read)

  // The library takes a lock of four hours for a dead one.
  await vi.waitFor(async () => expect((await age.execute(t.db.read)).rows[0]?.hours).toBeLessThan(0.1), 5_000)
})

test('a node that lost its locks interrupts its jobs, and they run again without counting', { timeout: 60_000 }, async () => {
  const attempts: number[] = []
  await t.start({
    'sync-repository': async (_payload, { signal, attempt }) => {
      attempts.push(attempt)
      if (attempts.length === 1) await untilAborted(signal)
    },
  })
  await t.add(syncRequest('1'))
  await vi.waitFor(() => expect(attempts).toEqual([1]))

  expect(await terminate('jira-dvcs node')).toBe(1)

  await vi.waitFor(() => expect(attempts).toEqual([1, 1]), 20_000)
  await untilEmpty()
})

test('survives the loss of all its connections', { timeout: 60_000 }, async () => {
  const seen: number[] = []
  await t.start({ 'process-webhook': async ({ deliveryId }) => void seen.push(deliveryId) })
  await t.add(hookRequest(1))
  await vi.waitFor(() => expect(seen).toEqual([1]))

  await terminate('jira-dvcs%')
  await systemClock.sleep(500)

  await t.add(hookRequest(2))
  await vi.waitFor(() => expect(seen).toContain(2), 30_000)
  await untilEmpty()
})

test('an addition in a long transaction does not let its job run before the commit', async () => {
  const seen: number[] = []
  await t.start({ 'process-webhook': async ({ deliveryId }) => void seen.push(deliveryId) })
  await t.add({ ...hookRequest(1), runAt: new Date(Date.now() + 60_000) })

  await t.db.write('webhook', async (tx) => {
    await t.queue.add(tx, hookRequest(2))
    await systemClock.sleep(2_500)
    expect(seen).toEqual([])
  })

  await vi.waitFor(() => expect(seen).toEqual([2]), 5_000)
})

test('the log of the library loses its fields, which carry whole jobs', async () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const queue = await openGraphileQueue({ url: t.url, db: t.db, clock: systemClock, log, timing: QUICK })
  const ignore = () => Promise.resolve()
  others.push(
    await queue.start(
      {
        'sweep-account': ignore,
        'prove-account': ignore,
        'sync-repository': ignore,
        'process-webhook': ignore,
        'process-webhooks': ignore,
        'rotate-webhook-secret': ignore,
        'check-credentials': ignore,
        deliver: ignore,
        'refresh-projects': ignore,
        'prune-journals': ignore,
        'poll-jira': ignore,
        'load-files': ignore,
        'execute-smart-commits': ignore,
        'delete-account': ignore,
        'run-triggers': ignore,
      },
      { concurrency: {} },
    ),
  )

  // Longer than what a time in a log line could hold by chance.
  await t.add(hookRequest(4_711_000_000_471_100))

  await untilEmpty()
  await vi.waitFor(() => expect(lines.join('')).toContain('job queue library'))
  expect(lines.join('')).not.toContain('4711000000471100')
  expect(lines.join('')).not.toContain(new URL(t.url).password)
})
