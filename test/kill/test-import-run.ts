import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { findNode } from '../../tools/with-node.mjs'
import { systemClock } from '../../src/lib/clock.ts'
import { fastImport, type ImportedEntry } from '../../src/sandbox/fast-import.ts'
import type { Token, User } from '../../src/sandbox/gitlab/model.ts'
import type { SandboxGitLab } from '../../src/sandbox/gitlab/sandbox-gitlab.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const BRANCHES = 60
const START_MS = Date.UTC(2024, 0, 1)

/** A GitLab with one repository of so many commits on main, with branches and merge requests in every state. */
export async function fillGitLab(gitlab: SandboxGitLab, commits: number): Promise<Token> {
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  const shop = await gitlab.addProject({ namespace: acme, path: 'shop' })
  await fastImport({ folder: shop.folder, env: process.env, entries: history(commits) })
  await gitlab.readRepository(shop)
  await openMergeRequests(gitlab, maintainer)
  return gitlab.createToken({ user: maintainer, scopes: ['api'] })
}

function* history(commits: number): Generator<ImportedEntry> {
  const author = { name: 'Ann Ember', email: 'ann@example.com' }
  for (let number = 1; number <= commits; number++) {
    const parents = number === 1 ? [] : [number - 1]
    const message = `SHOP-${(number % 997) + 1} change ${number}\n\nA body of some length for commit ${number}, PAY-${(number % 89) + 1}.\n`
    yield {
      kind: 'commit',
      ref: 'refs/heads/main',
      mark: number,
      parents,
      author,
      authoredAt: new Date(START_MS + number * 60_000),
      message,
    }
  }
  for (let number = 1; number <= BRANCHES; number++) {
    const authoredAt = new Date(START_MS + (commits + number) * 60_000)
    const from = Math.max(1, commits - number * 3)
    yield {
      kind: 'commit',
      ref: `refs/heads/SHOP-${number}-topic`,
      mark: commits + number,
      parents: [from],
      author,
      authoredAt,
      message: `OPS-${number} topic\n`,
    }
  }
}

async function openMergeRequests(gitlab: SandboxGitLab, author: User): Promise<void> {
  const shop = gitlab.findProject('acme/shop')
  if (shop === undefined) throw new Error('no repository acme/shop')
  for (let number = 1; number <= 12; number++) {
    const request = await gitlab.openMergeRequest(shop, {
      author,
      title: `Topic for PAY-${number}`,
      sourceBranch: `SHOP-${number}-topic`,
    })
    if (number % 3 === 0) await gitlab.mergeMergeRequest(request, { by: author, method: 'squash' })
    if (number % 3 === 1) await gitlab.closeMergeRequest(request, author)
  }
}

export interface ImportPlace {
  readonly configFile: string
  readonly databaseFile: string
}

export async function createImportPlace(folder: string, gitlab: { url: string; token: string }): Promise<ImportPlace> {
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'connector.yaml')
  const account = { id: 'acme', host: 'gitlab', url: gitlab.url, owner: 'acme', token: gitlab.token, webhooks: 'off' }
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify({ dataDir: join(folder, 'data'), accounts: [account] }), { mode: 0o600 })
  return { configFile, databaseFile: join(folder, 'data', 'connector.sqlite') }
}

/** Starts the real program, without a launcher between, so that a signal hits the process that works. */
export function startImport({ configFile }: ImportPlace): ChildProcess {
  const args = [join(ROOT, 'src', 'main.ts'), 'sync', '--no-deliver', '--config', configFile]
  return spawn(findNode() ?? process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Exit code and what it said. */
export async function finish(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text }
}

/** What stands in the database of an import, read from outside. */
export interface ImportState {
  /** Rises when an import begins to store commits. */
  readonly generation: number
  /** Commits that the import of this generation has stored or met again. */
  readonly commits: number
  readonly complete: boolean
  readonly running: boolean
}

const NOTHING: ImportState = { generation: 0, commits: 0, complete: false, running: false }

export function readImportState({ databaseFile }: ImportPlace): ImportState {
  let db: BetterSqlite3.Database
  try {
    db = new BetterSqlite3(databaseFile, { readonly: true, fileMustExist: true, timeout: 5_000 })
  } catch {
    return NOTHING // not created yet
  }
  try {
    const row = db
      .prepare(
        `select r.generation, r.history_complete as complete, r.sync_state = 'running' as running,
           (select count(*) from commits c where c.repository_id = r.id and c.generation = r.generation) as commits
         from repositories r`,
      )
      .get() as { generation: number; complete: number; running: number; commits: number } | undefined
    return row === undefined ? NOTHING : { ...row, complete: row.complete === 1, running: row.running === 1 }
  } catch {
    return NOTHING // without its tables yet
  } finally {
    db.close()
  }
}

/** Kills -9 as soon as the condition holds; false: the program had ended before. */
export async function killWhen(child: ChildProcess, condition: () => boolean): Promise<boolean> {
  const exited = once(child, 'exit')
  while (child.exitCode === null && !condition()) await systemClock.sleep(5)
  const killed = child.kill('SIGKILL')
  await exited
  return killed && child.signalCode === 'SIGKILL'
}
