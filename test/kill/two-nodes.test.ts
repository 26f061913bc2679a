import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openPostgres } from '../../src/db/postgres.ts'
import type { Database } from '../../src/db/database.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { fastImport } from '../../src/sandbox/fast-import.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../../src/sandbox/gitlab/sandbox-gitlab.ts'
import { findNode } from '../../tools/with-node.mjs'
import { createTestDatabaseUrl } from '../postgres.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Enough that a node that starts late finds some left. */
const REPOSITORIES = 16
const COMMITS = 50

let folder: string
let gitlab: SandboxGitLab
let db: Database
let databaseUrl: string
const nodes: Node[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-two-nodes-'))
  gitlab = await createSandboxGitLab({ folder: join(folder, 'gitlab'), clock: systemClock, env: process.env, log: silentLogger })
  databaseUrl = await createTestDatabaseUrl()
  db = openPostgres(databaseUrl, { log: silentLogger })
  await db.migrate()
}, 60_000)
afterAll(async () => {
  for (const node of nodes) await node.kill()
  await db.close()
  await gitlab.close()
  await rm(folder, { recursive: true, force: true })
})

/** A group with small repositories. */
async function fill(): Promise<string> {
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  const first = await gitlab.addProject({ namespace: acme, path: 'repository-1' })
  const author = { name: 'Ann Ember', email: 'ann@example.com' }
  const entries = Array.from({ length: COMMITS }, (_, index) => ({
    kind: 'commit' as const,
    ref: 'refs/heads/main',
    mark: index + 1,
    parents: index === 0 ? [] : [index],
    author,
    authoredAt: new Date(Date.UTC(2024, 0, 1) + index * 60_000),
    message: `SHOP-${index + 1} change\n`,
  }))
  await fastImport({ folder: first.folder, env: process.env, entries })
  await gitlab.readRepository(first)
  for (let number = 2; number <= REPOSITORIES; number++)
    await gitlab.addProject({ namespace: acme, path: `repository-${number}`, fromRepository: first.folder })
  return gitlab.createToken({ user: maintainer, scopes: ['api'] }).value
}

interface Fetch {
  /** `<id>.git` of the mirror. */
  readonly mirror: string
  readonly at: number
}

interface Node {
  /** Every `git fetch` that it has begun. */
  readonly fetches: readonly Fetch[]
  /** The end of what it wrote, for a failure's text. */
  tail(): string
  /** kill -9. */
  kill(): Promise<void>
}

/** A worker of its own process, with a data folder of its own. */
async function startNode(name: string, token: string): Promise<Node> {
  const home = join(folder, name)
  await mkdir(home)
  const config = {
    dataDir: join(home, 'data'),
    database: databaseUrl,
    server: { secretKey: 'a secret key for this test only' },
    log: { level: 'debug', format: 'json' },
    sync: { concurrency: 2 },
    accounts: [{ id: 'acme', host: 'gitlab', url: gitlab.url, owner: 'acme', token, webhooks: 'off' }],
  }
  const configFile = join(home, 'connector.yaml')
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 })
  const args = [join(ROOT, 'src', 'main.ts'), 'serve', '--role', 'worker', '--config', configFile]
  const child: ChildProcess = spawn(findNode() ?? process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const fetches: Fetch[] = []
  let rest = ''
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4_000)
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    fetches.push(...lines.flatMap(toFetch))
  })
  const node: Node = {
    fetches,
    tail: () => tail,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await exited
    },
  }
  nodes.push(node)
  return node
}

function toFetch(line: string): Fetch[] {
  if (!line.includes('git started')) return []
  const { args, folder: mirror } = JSON.parse(line) as { args: string[]; folder: string | null }
  return args[0] === 'fetch' && mirror !== null ? [{ mirror: basename(mirror), at: performance.now() }] : []
}

const mirrorsOf = (fetches: readonly Fetch[]) => new Set(fetches.map(({ mirror }) => mirror))

async function countComplete(): Promise<number> {
  const rows = await db.read.selectFrom('repositories').select('id').where('history_complete', '=', 1).execute()
  return rows.length
}

test('a living node takes over what a killed one was synchronising, and no repository is worked on twice at once', async () => {
  const token = await fill()
  // Two seconds for each: nothing is over before the kill.
  gitlab.faults.add({ match: { method: 'POST', path: /git-upload-pack/ }, answer: 'slow', times: 1_000 })
  const first = await startNode('first', token)
  const second = await startNode('second', token)
  await vi.waitFor(
    () => {
      for (const node of [first, second]) expect(node.fetches, node.tail()).not.toEqual([])
    },
    { timeout: 120_000, interval: 50 },
  )

  await first.kill()
  const killedAt = performance.now()
  const shared = mirrorsOf(first.fetches).intersection(mirrorsOf(second.fetches.filter(({ at }) => at < killedAt)))
  gitlab.faults.clear()

  expect(shared.size).toBe(0)
  await expect.poll(countComplete, { timeout: 90_000, interval: 250 }).toBe(REPOSITORIES)
  const commits = await db.read
    .selectFrom('commits')
    .select((e) => ['repository_id', e.fn.countAll<number>().as('count')])
    .groupBy('repository_id')
    .execute()
  expect(commits.map(({ count }) => Number(count))).toEqual(Array.from({ length: REPOSITORIES }, () => COMMITS))
  const readJournal = () => db.read.selectFrom('syncs').select(['repository_id', 'outcome']).execute()
  // The last steps come after the history: builds and deployments.
  const listRunning = async () => (await readJournal()).filter(({ outcome }) => outcome === 'running')
  await expect.poll(listRunning, { timeout: 60_000, interval: 250 }).toEqual([])
  const journal = await readJournal()
  const interrupted = journal.filter(({ outcome }) => outcome === 'failed').map((row) => `${row.repository_id}.git`)
  expect(interrupted.length).toBeGreaterThan(0)
  // What was cut short was the killed node's, fetched already or about to be; the living one's work went on.
  const ofTheLiving = mirrorsOf(second.fetches.filter(({ at }) => at < killedAt))
  for (const mirror of interrupted) expect(ofTheLiving).not.toContain(mirror)
}, 300_000)
