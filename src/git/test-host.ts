import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitRemote } from '../domain/git-remote.ts'
import type { HttpClient } from '../lib/http-client.ts'
import { createTestNetwork } from '../lib/http-client/test-network.ts'
import { silentLogger } from '../lib/logger.ts'
import { fastImport, initBareRepository, type ImportedCommit, type ImportedEntry } from '../sandbox/fast-import.ts'
import { serveGit } from '../sandbox/git-http-backend.ts'
import { runGit } from '../sandbox/run-git.ts'
import { createGitProgram, type GitProgram } from './git-program.ts'
import { createMirror, type LoggedCommit, type Mirror } from './mirror.ts'

type Fault = (request: IncomingMessage, response: ServerResponse) => boolean

/** One repository served by real git on 127.0.0.1, and what the connector uses to read it; `close` in `afterEach`. */
export interface TestHost {
  readonly folder: string
  readonly repositoryFolder: string
  readonly env: NodeJS.ProcessEnv
  readonly http: HttpClient
  readonly git: GitProgram
  readonly remote: GitRemote
  readonly mirrorFolder: string
  readonly mirror: Mirror
  /** What the server does, changed by tests. A fault answers the request itself and returns true. */
  readonly settings: { filter: boolean; authorization: string | null; fault: Fault | null }
  /** `METHOD /path` of each request that arrived. */
  readonly requests: string[]
  import(...entries: ImportedEntry[]): Promise<Map<number, string>>
  /** Runs git in the served repository. */
  hostGit(...args: string[]): Promise<string>
  /** Runs git in the mirror, as an administrator would. */
  mirrorGit(...args: string[]): Promise<string>
  close(): Promise<void>
}

export async function startTestHost(objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'git-host-'))
  const repositoryFolder = join(folder, 'shop.git')
  const mirrorFolder = join(folder, 'mirror')
  const { env } = process
  const network = createTestNetwork()
  const requests: string[] = []
  const settings: TestHost['settings'] = { filter: true, authorization: null, fault: null }
  await initBareRepository({ folder: repositoryFolder, env, objectFormat })
  const url = await network.serve((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    requests.push(`${request.method} ${pathname}${search}`)
    if (settings.fault?.(request, response) === true) return
    if (settings.authorization !== null && request.headers.authorization !== settings.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="Git"' }).end('HTTP Basic: Access denied')
      return
    }
    const options = {
      repositoryFolder,
      pathInfo: pathname.replace('/acme/shop.git', ''),
      query: search.slice(1),
      remoteUser: null,
      allowPush: false,
      env,
    }
    serveGit(request, response, { ...options, filter: settings.filter }).catch((error: unknown) =>
      response.destroy(error as Error),
    )
  })
  const git = createGitProgram({ env, network: {}, log: silentLogger })
  return {
    folder,
    repositoryFolder,
    env,
    git,
    mirrorFolder,
    settings,
    requests,
    http: network.client(),
    remote: { url: `${url}/acme/shop.git`, authorization: null },
    mirror: createMirror({ folder: mirrorFolder, git, log: silentLogger }),
    import: (...entries) => fastImport({ folder: repositoryFolder, env, entries }),
    hostGit: (...args) => runGit(args, { folder: repositoryFolder, env }),
    mirrorGit: (...args) => runGit(args, { folder: mirrorFolder, env }),
    async close() {
      await network.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** A commit on `refs/heads/main` unless told otherwise. */
export function commit(mark: number, parents: (number | string)[], more: Partial<ImportedCommit> = {}): ImportedCommit {
  const author = { name: 'Ann', email: 'ann@example.com' }
  const authoredAt = new Date(Date.UTC(2026, 0, 1) + mark * 1000)
  return {
    kind: 'commit',
    ref: 'refs/heads/main',
    mark,
    parents,
    author,
    authoredAt,
    message: `SHOP-${mark} change`,
    files: [{ path: `${mark}.txt`, content: `${mark}` }],
    ...more,
  }
}

/** A line of `count` commits on `refs/heads/main`, marks 1 to `count`. */
export function line(count: number, more: Partial<ImportedCommit> = {}): ImportedCommit[] {
  return Array.from({ length: count }, (_, index) => commit(index + 1, index === 0 ? [] : [index], more))
}

export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

/** Every commit that the mirror's refs reach. */
export function readAll(mirror: Mirror): Promise<LoggedCommit[]> {
  return collect(mirror.readCommits({ include: 'all', exclude: [], signal: soon() }))
}

/** Ends a test that hangs. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000)
}

/** Ids of the processes that work on this mirror: those of this test and no others. Linux only. */
export async function listProcesses(mirrorFolder: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const environments = await Promise.all(ids.map((id) => readFile(`/proc/${id}/environ`, 'utf8').catch(() => '')))
  return ids.filter((_, index) => environments[index]?.includes(`GIT_DIR=${mirrorFolder}`)).map(Number)
}
