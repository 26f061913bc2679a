import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { fastImport, type ImportedEntry } from '../fast-import.ts'
import type { Project, Token, User } from './model.ts'
import { createSandboxGitLab, type SandboxGitLab, type SandboxGitLabOptions } from './sandbox-gitlab.ts'

export const START = new Date('2026-11-22T10:00:00Z')

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export function manualClock(): ManualClock {
  let now = START.getTime()
  return {
    ...systemClock,
    now: () => new Date(now),
    advance(ms) {
      now += ms
    },
  }
}

export interface Reply<T = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly json: T
  readonly text: string
}

export interface TestGitLab {
  readonly gitlab: SandboxGitLab
  readonly clock: ManualClock
  readonly folder: string
  readonly maintainer: User
  readonly token: Token
  /** `acme/shop` with three commits on main. */
  readonly shop: Project
  /** Calls the API below `/api/v4` with the maintainer's token unless another is given (null: none). */
  call<T = unknown>(
    path: string,
    init?: { method?: string; body?: unknown; token?: string | null; redirect?: 'manual' | 'follow' },
  ): Promise<Reply<T>>
  dispose(): Promise<void>
}

/** A stand-in with group `acme`, a maintainer, a token and one project. */
export async function startTestGitLab(options: Partial<SandboxGitLabOptions> = {}): Promise<TestGitLab> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-gitlab-'))
  const clock = manualClock()
  const gitlab = await createSandboxGitLab({
    folder: join(folder, 'repositories'),
    clock,
    env: process.env,
    log: silentLogger,
    ...options,
  })
  const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  const acme = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  gitlab.addMember(acme, maintainer, 'maintainer')
  const token = gitlab.createToken({ user: maintainer, scopes: ['api'] })
  const shop = await gitlab.addProject({ namespace: acme, path: 'shop', name: 'Shop' })
  await fillRepository(gitlab, shop, 3)
  return {
    gitlab,
    clock,
    folder,
    maintainer,
    token,
    shop,
    call: (path, init) => callApi(gitlab, token, path, init),
    async dispose() {
      await gitlab.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function callApi<T>(
  gitlab: SandboxGitLab,
  token: Token,
  path: string,
  init: Parameters<TestGitLab['call']>[1] = {},
): Promise<Reply<T>> {
  const value = init.token === undefined ? token.value : init.token
  const response = await fetch(`${gitlab.url}/api/v4${path}`, {
    method: init.method ?? 'GET',
    redirect: init.redirect ?? 'manual',
    headers: {
      ...(value === null ? {} : { 'private-token': value }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== ''
  return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : null) as T }
}

/** Puts commits on `branch` without anything noticing. */
export async function fillRepository(
  gitlab: SandboxGitLab,
  project: Project,
  count: number,
  branch = 'main',
  from?: string,
): Promise<void> {
  const entries: ImportedEntry[] = Array.from({ length: count }, (_, index) => ({
    kind: 'commit',
    ref: `refs/heads/${branch}`,
    mark: index + 1,
    parents: index > 0 ? [index] : from === undefined ? [] : [from],
    author: { name: 'Ann Ember', email: 'ann@example.com' },
    authoredAt: new Date(START.getTime() - 86_400_000 + index * 60_000),
    message: `SHOP-${index + 1} ${branch} change ${index + 1}\n`,
    files: [{ path: `${branch}/${index + 1}.txt`, content: `${index + 1}\n` }],
  }))
  await fastImport({ folder: project.folder, env: process.env, entries })
  await gitlab.readRepository(project)
}

export interface Receiver {
  readonly url: string
  readonly received: { readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string }[]
  /** Answered from now on; null: never answered. */
  status: number | null
  close(): Promise<void>
}

/** A server that hooks can be sent to. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      receiver.received.push({ headers: request.headers, body })
      if (receiver.status !== null) response.writeHead(receiver.status).end('noted')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    status: 202,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
