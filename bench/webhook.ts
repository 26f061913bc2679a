import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { startTestPostgres } from '../test/postgres/start.ts'
import { configure, countStoredCommits, type Bench } from './bench.ts'
import { atLeast, atMost, percentile } from './figures.ts'
import { runLoad, type Load, type LoadResult } from './load.ts'

const SECRET = 'a-secret-of-the-benchmark'
const OWNER = 'pushed'
const REPOSITORIES = 20
const CONNECTIONS = 64
const SECONDS = 5
/** During an import: about a push a second in each of two hundred busy repositories. */
const STEADY_RATE = 200

interface Server {
  readonly url: string
  stop(): Promise<void>
}

/** Webhooks a second that are on disk when they are answered, beside what the same server answers without storing. */
export async function benchWebhook(bench: Bench): Promise<void> {
  const host = await bench.host()
  await host.addIdle(OWNER, REPOSITORIES)
  const postgres = await startTestPostgres({ environment: process.env, durable: true })
  try {
    const add = (name: string, unit: string, reached: number | null) =>
      bench.report.add({ benchmark: 'webhook', name, unit, reached })
    add('fsyncs a second of this disk, 10 KiB each', '/s', await measureFsyncs(bench))
    const without = await measure(bench, { name: 'webhook-none', mode: '--without-storing' })
    add('answered without storing', '/s', without.most.perSecond)
    add('without storing, 99th percentile', 'ms', percentile(without.most.waits, 0.99))
    add('without storing, 99th percentile at half that rate', 'ms', percentile(without.half.waits, 0.99))
    const onSqlite = await measure(bench, { name: 'webhook-sqlite' })
    report(bench, { database: 'SQLite', share: 0.35, result: onSqlite, without })
    const onPostgres = await measure(bench, { name: 'webhook-postgres', database: postgres.url })
    report(bench, { database: 'PostgreSQL', share: 0.2, result: onPostgres, without })
  } finally {
    await postgres.stop()
  }
  await benchDuringImport(bench)
}

interface Measurement {
  readonly name: string
  readonly mode?: '--idle' | '--without-storing'
  /** Default: the embedded one. */
  readonly database?: string
}

/** As many as are answered, then half of that rate: what senders that never pause wait tells how many there are as well. */
interface Measured {
  readonly most: LoadResult
  readonly half: LoadResult
}

async function measure(bench: Bench, { name, mode = '--idle', database }: Measurement): Promise<Measured> {
  const file = await configureReceiver(bench, { name, owner: OWNER, ...(database === undefined ? {} : { database }) })
  const server = await startServer(file, mode)
  try {
    const pushes = { owner: OWNER, projects: await listProjects(bench, OWNER) }
    const lasting = (seconds: number) => (elapsedMs: number) => elapsedMs < seconds * 1_000
    await load(server, { ...pushes, rate: null, goesOn: lasting(1) })
    const most = await load(server, { ...pushes, rate: null, goesOn: lasting(SECONDS) })
    const half = await load(server, { ...pushes, rate: most.perSecond / 2, goesOn: lasting(SECONDS) })
    return { most, half }
  } finally {
    await server.stop()
  }
}

function report(
  bench: Bench,
  { database, share, result, without }: { database: string; share: number; result: Measured; without: Measured },
): void {
  const benchmark = 'webhook'
  const { most, half } = result
  const ratio = most.perSecond / without.most.perSecond
  bench.report.add({ benchmark, name: `stored on ${database}`, unit: '/s', reached: most.perSecond })
  bench.report.add({ benchmark, name: `${database}, share of not storing`, unit: '', reached: ratio, asked: atLeast(share) })
  bench.report.add({ benchmark, name: `${database}, median`, unit: 'ms', reached: percentile(most.waits, 0.5) })
  bench.report.add({
    benchmark,
    name: `${database}, 99th percentile at ${CONNECTIONS} connections`,
    unit: 'ms',
    reached: percentile(most.waits, 0.99),
    asked: atMost(50),
  })
  const atHalf = (share: number) => ({ unit: 'ms', reached: percentile(half.waits, share) })
  bench.report.add({ benchmark, name: `${database}, median at half that rate`, ...atHalf(0.5) })
  bench.report.add({ benchmark, name: `${database}, 99th percentile at half that rate`, ...atHalf(0.99) })
}

/** A first import beside a steady stream of webhooks, and the same import alone. */
async function benchDuringImport(bench: Bench): Promise<void> {
  const benchmark = 'webhook'
  const { owner, shape } = await bench.history()
  const projects = await listProjects(bench, owner)
  const alone = await importWith(bench, { owner, projects, name: 'webhook-import-alone', rate: null })
  const both = await importWith(bench, { owner, projects, name: 'webhook-import', rate: STEADY_RATE })
  const name = `during an import of ${shape.commits} commits, ${STEADY_RATE}/s`
  bench.report.add({ benchmark, name: `sent ${name}`, unit: '', reached: both.waits.length })
  bench.report.add({ benchmark, name: `median ${name}`, unit: 'ms', reached: percentile(both.waits, 0.5) })
  bench.report.add({
    benchmark,
    name: `99th percentile ${name}`,
    unit: 'ms',
    reached: percentile(both.waits, 0.99),
    asked: atMost(150),
  })
  bench.report.add({
    benchmark,
    name: 'speed of the import beside it, share of its own',
    unit: '',
    reached: alone.seconds / both.seconds,
    asked: atLeast(0.5),
  })
}

async function importWith(
  bench: Bench,
  { owner, projects, name, rate }: Pushes & { name: string; rate: number | null },
): Promise<{ seconds: number; waits: readonly number[] }> {
  const file = await configureReceiver(bench, { name, owner })
  const startedAt = performance.now()
  const server = await startServer(file)
  let ended = false
  const untilImported = async () => {
    while (!ended && !isImported(file)) await new Promise((resolve) => setTimeout(resolve, 50))
    ended = true
    return (performance.now() - startedAt) / 1_000
  }
  try {
    const loading = rate === null ? null : load(server, { owner, projects, rate, goesOn: () => !ended })
    const [seconds, loaded] = await Promise.all([untilImported(), loading])
    if (countStoredCommits(file) === 0) throw new Error('the import stored nothing')
    return { seconds, waits: loaded?.waits ?? [] }
  } finally {
    ended = true
    await server.stop()
  }
}

async function configureReceiver(
  bench: Bench,
  { name, owner, database }: { name: string; owner: string; database?: string },
): Promise<string> {
  const file = await configure(bench, { name, owner })
  const text = readFileSync(file, 'utf8').replace(`webhooks: 'off'`, `webhooks: manual\n    webhookSecret: ${SECRET}`)
  const more = database === undefined ? '' : `database: ${database}\n`
  await writeFile(
    file,
    more + text.replace('server:\n', database === undefined ? 'server:\n' : `server:\n  secretKey: ${SECRET}\n`),
  )
  return file
}

async function startServer(file: string, mode?: string): Promise<Server> {
  const script = fileURLToPath(new URL('webhook-server.ts', import.meta.url))
  const child = fork(script, mode === undefined ? [file] : [file, mode], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const [message] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the server ended'))),
  ])) as [{ url: string }]
  return {
    url: message.url,
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/** Pushes to linked repositories: of those that are not known, hardly anything is asked. */
interface Pushes {
  readonly owner: string
  /** The host's ids. */
  readonly projects: readonly number[]
}

async function listProjects(bench: Bench, owner: string): Promise<number[]> {
  const { url, token } = await bench.host()
  const response = await fetch(`${url}/api/v4/groups/${owner}/projects?per_page=100`, { headers: { 'private-token': token } })
  const projects = (await response.json()) as { id: number }[]
  if (projects.length === 0) throw new Error(`the group ${owner} has no projects`)
  return projects.map(({ id }) => id)
}

let sent = 0

function load(server: Server, { owner, projects, ...rest }: Pushes & Pick<Load, 'rate' | 'goesOn'>): Promise<LoadResult> {
  return runLoad({
    url: server.url,
    path: `/webhooks/${owner}`,
    connections: CONNECTIONS,
    ...rest,
    request(number) {
      return {
        headers: {
          'content-type': 'application/json',
          'x-gitlab-token': SECRET,
          'x-gitlab-event': 'Push Hook',
          'idempotency-key': `key-${(sent += 1)}`,
        },
        body: toPush(projects[number % projects.length] ?? 0),
      }
    },
  })
}

const bodies = new Map<number, Buffer>()

/** As GitLab sends it: the newest 20 commits, about 10 KiB. */
function toPush(projectId: number): Buffer {
  const known = bodies.get(projectId)
  if (known !== undefined) return known
  const commit = (index: number) => ({
    id: (index + 1).toString(16).padStart(40, 'a'),
    message: `SHOP-${index} ${'make the cart remember what was put into it '.repeat(4)}\n`,
    title: `SHOP-${index} make the cart remember what was put into it`,
    timestamp: '2026-03-04T10:00:00+01:00',
    url: `https://gitlab.example.com/acme/shop-${projectId}/-/commit/${index}`,
    author: { name: 'Mia Lang', email: 'mia@example.com' },
    added: [`src/cart/${index}.ts`],
    modified: ['src/index.ts', 'README.md'],
    removed: [],
  })
  const push = {
    object_kind: 'push',
    event_name: 'push',
    ref: 'refs/heads/main',
    project_id: projectId,
    project: { id: projectId, path_with_namespace: `acme/shop-${projectId}`, default_branch: 'main' },
    total_commits_count: 20,
    commits: Array.from({ length: 20 }, (_, index) => commit(index)),
  }
  const body = Buffer.from(JSON.stringify(push))
  bodies.set(projectId, body)
  return body
}

function isImported(file: string): boolean {
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'), { readOnly: true })
  try {
    const row = database.prepare('select sync_error, history_complete from repositories').get()
    if (typeof row?.['sync_error'] === 'string') throw new Error(`the import failed: ${row['sync_error']}`)
    return row?.['history_complete'] === 1
  } finally {
    database.close()
  }
}

/** One write after the other, each waited for: what a store without group commit is held to. */
async function measureFsyncs(bench: Bench): Promise<number> {
  const folder = join(bench.folder, 'fsync')
  await mkdir(folder, { recursive: true })
  const handle = await open(join(folder, 'file'), 'w')
  const page = Buffer.alloc(10 * 1024, 1)
  try {
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < 1_000) {
      await handle.write(page, 0, page.length, count * page.length)
      await handle.datasync()
      count += 1
    }
    return count / ((performance.now() - startedAt) / 1_000)
  } finally {
    await handle.close()
  }
}
