import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import type { Database } from '../db/database.ts'
import { openPostgres } from '../db/postgres.ts'
import { openSqlite } from '../db/sqlite.ts'
import { repositoryId } from '../domain/ids.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import type { JobTiming } from './job-outcome.ts'
import type { JobHandlers, JobName, JobQueue, JobRequest, QueueStats, RunningJobs, WorkOptions } from './job-queue.ts'
import { openJobQueue } from './open-job-queue.ts'

/** Tries follow at once, so that tests need no patience. */
export const QUICK: Partial<JobTiming> = {
  retryBaseMs: 20,
  retryMaxMs: 100,
  maxAttempts: 4,
  stopGraceMs: 100,
  stopLimitMs: 5_000,
  beatMs: 300,
}

/** A queue on a database of its own. */
export interface TestQueue {
  readonly db: Database
  readonly queue: JobQueue
  readonly url: string
  add<N extends JobName>(request: JobRequest<N>): Promise<void>
  cancel(key: string): Promise<boolean>
  stats(): Promise<QueueStats>
  /** Handlers that are not given fail. */
  start(handlers: Partial<JobHandlers>, options?: Partial<WorkOptions>): Promise<RunningJobs>
  /** Stops what was started and forgets what waits. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function openTestQueue(kind: 'sqlite' | 'postgres'): Promise<TestQueue> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-jobs-'))
  const url = kind === 'sqlite' ? join(folder, 'jobs.sqlite') : await createTestDatabaseUrl()
  const db = kind === 'sqlite' ? openSqlite(url) : openPostgres(url, { log: silentLogger })
  await db.migrate()
  const queue = await openJobQueue({ db, databaseUrl: url, clock: systemClock, log: silentLogger, timing: QUICK })
  const running: RunningJobs[] = []
  const keys = new Set<string>()
  const stopAll = async () => {
    for (const workers of running.splice(0)) await workers.stop()
  }
  return {
    db,
    queue,
    url,
    add(request) {
      keys.add(request.key)
      return db.write('interactive', (tx) => queue.add(tx, request))
    },
    cancel: (key) => db.write('interactive', (tx) => queue.cancel(tx, key)),
    stats: () => queue.stats(db.read),
    async start(handlers, { concurrency = { 'sync-repository': 4, 'process-webhook': 4 }, ...more } = {}) {
      const workers = await queue.start(allHandlers(handlers), { concurrency, ...more })
      running.push(workers)
      return { ...workers, stop: () => (running.splice(running.indexOf(workers), 1), workers.stop()) }
    },
    async clear() {
      await stopAll()
      for (const key of keys) await db.write('interactive', (tx) => queue.cancel(tx, key))
      keys.clear()
    },
    async close() {
      await stopAll()
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function allHandlers(handlers: Partial<JobHandlers>): JobHandlers {
  const unexpected = () => Promise.reject(new Error('not expected'))
  return {
    'sweep-account': unexpected,
    'prove-account': unexpected,
    'sync-repository': unexpected,
    'process-webhook': unexpected,
    'process-webhooks': unexpected,
    'rotate-webhook-secret': unexpected,
    'check-credentials': unexpected,
    deliver: unexpected,
    'refresh-projects': unexpected,
    'prune-journals': unexpected,
    'poll-jira': unexpected,
    'load-files': unexpected,
    'execute-smart-commits': unexpected,
    'delete-account': unexpected,
    'run-triggers': unexpected,
    ...handlers,
  }
}

export const syncRequest = (id: string, more: Partial<JobRequest<'sync-repository'>> = {}): JobRequest<'sync-repository'> => ({
  name: 'sync-repository',
  payload: { repositoryId: repositoryId(id), trigger: 'test' },
  key: `sync:${id}`,
  ...more,
})

export const hookRequest = (deliveryId: number, key = 'hook'): JobRequest<'process-webhook'> => ({
  name: 'process-webhook',
  payload: { deliveryId },
  key,
})

/** Rejects with the signal's reason, and not before. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

const WORKER = `
  const [{ openJobQueue }, { openSqlite }, { openPostgres }, { systemClock }, { silentLogger }] = await Promise.all(
    ['jobs/open-job-queue.ts', 'db/sqlite.ts', 'db/postgres.ts', 'lib/clock.ts', 'lib/logger.ts'].map((file) => import(process.env.SOURCES + file)),
  )
  const url = process.env.DATABASE
  const db = url.startsWith('postgres') ? openPostgres(url, { log: silentLogger }) : openSqlite(url)
  const queue = await openJobQueue({ db, databaseUrl: url, clock: systemClock, log: silentLogger })
  const hang = () => { console.log('working'); return new Promise(() => setInterval(() => {}, 1000)) }
  await queue.start({ 'sync-repository': hang }, {
    concurrency: { 'sweep-account': 0, 'prove-account': 0, 'process-webhook': 0, deliver: 0, 'refresh-projects': 0 },
    concurrency: { 'sweep-account': 0, 'process-webhook': 0, deliver: 0, 'refresh-projects': 0, 'poll-jira': 0, 'load-files': 0 },
  })
`

/** Another process that takes a `sync-repository` job and never ends it; resolves when it works. Kill it. */
export async function spawnHangingWorker({ url }: TestQueue): Promise<ChildProcessByStdio<null, Readable, null>> {
  const child = spawn(process.execPath, ['-e', WORKER], {
    env: { SOURCES: new URL('../', import.meta.url).href, DATABASE: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

/** kill -9. */
export async function kill(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
