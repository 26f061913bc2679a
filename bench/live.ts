import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { configure, runConnector, runRawGit, type Bench } from './bench.ts'
import { atMost, percentile } from './figures.ts'
import { findFreePort, startServe } from './serve.ts'

const benchmark = 'live'
const OWNER = 'live'
const PROJECT = 'LIVE'
const PUSHES = 100
const STORED_LIMIT_MS = 60_000

interface Lags {
  readonly stored: number[]
  readonly delivered: number[]
}

/** From the end of a `git push` to the commit in our database and on the issue in Jira, with many linked repositories. */
export async function benchLive(bench: Bench): Promise<void> {
  const host = await bench.host()
  const count = bench.options.repositories
  await host.addIdle(OWNER, count)
  const jira = await host.startJira([PROJECT], PUSHES)
  const port = await findFreePort()
  const file = await configure(bench, { name: benchmark, owner: OWNER, listen: `127.0.0.1:${port}` })
  const text = readFileSync(file, 'utf8').replace(`webhooks: 'off'`, 'webhooks: project')
  await writeFile(file, text.replace('http://127.0.0.1:9', jira.url).replace('not-used', jira.token))
  await runConnector(bench, ['sync', '--config', file])
  const serving = await startServe(bench, { file, port })
  try {
    await untilIdle(file)
    const lags = await pushAll(bench, file)
    for (const [name, values, limit] of [
      ['stored', lags.stored, 1_000],
      ['on the issue in Jira', lags.delivered, 2_000],
    ] as const) {
      bench.report.add({
        benchmark,
        name: `${name}, median, ${count} repositories`,
        unit: 'ms',
        reached: percentile(values, 0.5),
      })
      bench.report.add({
        benchmark,
        name: `${name}, 99th percentile of ${PUSHES} pushes`,
        unit: 'ms',
        reached: percentile(values, 0.99),
        asked: atMost(limit),
      })
    }
  } finally {
    await serving.stop()
  }
}

async function pushAll(bench: Bench, file: string): Promise<Lags> {
  const host = await bench.host()
  const folder = join(bench.folder, 'live-work')
  await mkdir(folder, { recursive: true })
  const git = (...args: string[]) =>
    runRawGit(bench, ['-C', folder, '-c', 'user.name=Mia', '-c', 'user.email=mia@example.com', ...args])
  await git('init', '--quiet', '--initial-branch=main')
  const address = new URL(host.url)
  address.username = 'oauth2'
  address.password = host.token
  const lags: Lags = { stored: [], delivered: [] }
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'), { readOnly: true })
  try {
    for (let number = 1; number <= PUSHES; number += 1) {
      const issue = `${PROJECT}-${number}`
      const message = `${issue} push number ${number}`
      await git('commit', '--quiet', '--allow-empty', '-m', message)
      const repository = 1 + ((number * 7) % bench.options.repositories)
      await git('push', '--quiet', `${address.href}${OWNER}/idle-${repository}.git`, `HEAD:refs/heads/bench-${number}`)
      const pushedAt = performance.timeOrigin + performance.now()
      const delivered = host.awaitProperty(issue, message)
      lags.stored.push(Math.max(0, (await untilStored(database, message)) - pushedAt))
      lags.delivered.push(Math.max(0, (await delivered) - pushedAt))
    }
  } finally {
    database.close()
  }
  return lags
}

async function untilStored(database: DatabaseSync, message: string): Promise<number> {
  const find = database.prepare('select id from commits where message = ?')
  const deadline = performance.now() + STORED_LIMIT_MS
  while (find.get(message) === undefined) {
    if (performance.now() > deadline) throw new Error(`"${message}" was not stored`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return performance.timeOrigin + performance.now()
}

/** The start looks at everything once more; a push in the middle of that would wait for it. */
async function untilIdle(file: string): Promise<void> {
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'), { readOnly: true })
  try {
    const busy = database.prepare(`select count(*) as n from jobs where run_at <= unixepoch() * 1000 or locked_until is not null`)
    for (let quiet = 0; quiet < 20;) {
      quiet = Number(busy.get()?.['n'] ?? 0) === 0 ? quiet + 1 : 0
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    database.close()
  }
}
