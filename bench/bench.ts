import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Report } from './figures.ts'
import { BENCHMARK_SHAPE, type HistoryShape } from './history.ts'
import { startHost, type Host } from './host.ts'
import type { BenchOptions } from './options.ts'
import { runMeasured, type Measured } from './run-measured.ts'

/** What a benchmark works with. */
export interface Bench {
  readonly options: BenchOptions
  readonly report: Report
  /** A temporary folder that goes at the end. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** What `npx jira-dvcs` runs, from the built package. */
  readonly launcher: string
  host(): Promise<Host>
  /** The repository with the asked number of commits, made at the first call. */
  history(): Promise<History>
  close(): Promise<void>
}

export interface History {
  readonly owner: string
  readonly shape: HistoryShape
  readonly gitUrl: string
}

const OWNER = 'acme'
export function createBench(parts: Pick<Bench, 'options' | 'report' | 'folder' | 'env' | 'launcher'>): Bench {
  let host: Promise<Host> | null = null
  let history: Promise<History> | null = null
  const startOnce = () => (host ??= startHost(join(parts.folder, 'host')))
  return {
    ...parts,
    host: startOnce,
    history: () =>
      (history ??= makeHistory({
        host: startOnce(),
        owner: OWNER,
        shape: { ...BENCHMARK_SHAPE, commits: parts.options.commits },
      })),
    close: async () => (await host)?.close(),
  }
}

export async function makeHistory({
  host,
  owner,
  shape,
}: {
  host: Promise<Host>
  owner: string
  shape: HistoryShape
}): Promise<History> {
  return { owner, shape, gitUrl: await (await host).addHistory(owner, shape) }
}

/** A configuration file with a data folder of its own, which is made anew. Returns the file. */
export async function configure(
  bench: Bench,
  { name, owner, listen = '127.0.0.1:0' }: { name: string; owner: string; listen?: string },
): Promise<string> {
  const host = await bench.host()
  const folder = join(bench.folder, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'connector.yaml')
  // A Jira that nobody asks: nothing is delivered.
  const text = `server:
  listen: ${listen}
dataDir: ./data
jira:
  url: http://127.0.0.1:9
  token: not-used
accounts:
  - id: ${owner}
    host: gitlab
    url: ${host.url}
    owner: ${owner}
    token: ${host.token}
    webhooks: 'off'
`
  await writeFile(file, text, { mode: 0o600 })
  return file
}

/** The command as people call it, launcher included. */
export function runConnector(bench: Bench, args: readonly string[]): Promise<Measured> {
  return runMeasured({ command: 'node', args: [bench.launcher, ...args], env: bench.env, cwd: bench.folder })
}

export function runSync(bench: Bench, file: string): Promise<Measured> {
  return runConnector(bench, ['sync', '--no-deliver', '--config', file])
}

/** Git alone, without anyone's settings. */
export function runRawGit(bench: Bench, args: readonly string[]): Promise<Measured> {
  const env = { PATH: bench.env.PATH, HOME: bench.folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
  return runMeasured({ command: 'git', args, env, cwd: bench.folder })
}

/** Commits stored below a configuration file; a benchmark of a sync that stored nothing measures nothing. */
export function countStoredCommits(file: string): number {
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'), { readOnly: true })
  try {
    return Number(database.prepare('select count(*) as n from commits').get()?.['n'] ?? 0)
  } finally {
    database.close()
  }
}
