import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import { createConnections } from '../app/accounts/create-connections.ts'
import { createPersonalTokens } from '../app/smart-commits/personal-tokens.ts'
import { createWebhookIntake } from '../app/webhooks/webhook-intake.ts'
import type { AppContext } from '../app/app-context.ts'
import type { JiraConnection } from '../app/delivery/jira-connection.ts'
import { createIssueKeyRules } from '../app/issue-keys/issue-key-rules.ts'
import { createJiraAccess } from '../app/jira/jira-access.ts'
import type { JiraSettings } from '../app/jira/jira-settings.ts'
import { noMetrics } from '../app/metrics/metrics.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open-database.ts'
import { saveAccount, type AccountSettings } from '../db/stores/accounts.ts'
import { findRepositoryByHostId, saveListedRepository, type ListedRepository } from '../db/stores/repositories.ts'
import { accountId, hostId, type RepositoryId } from '../domain/ids.ts'
import { createGitProgram } from '../git/git-program.ts'
import { createHostRegistry } from '../hosts/registry.ts'
import { createEmbeddedQueue } from '../jobs/embedded.ts'
import { NO_NOISE } from '../domain/noise.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import { createHttpClient } from '../lib/http-client/create-http-client.ts'
import { createLogger, silentLogger } from '../lib/logger.ts'
import { createPasswords } from '../lib/passwords.ts'
import { createRequestMeter } from '../lib/request-meter.ts'
import { Secret } from '../lib/secret.ts'
import { createSecretBox } from '../lib/secret-box.ts'
import { createHttpApp } from './create-http-app.ts'
import type { HttpApp, HttpAppOptions } from './http-app.ts'

export const ADMIN_TOKEN = 'test-admin-token'
export const WEBHOOK_SECRET = 'test-webhook-secret'

export interface TestHttpApp {
  readonly http: HttpApp
  readonly app: AppContext
  /** Job keys that were aborted. */
  readonly aborted: readonly string[]
  /** Log lines so far. */
  readonly logged: readonly Record<string, unknown>[]
  /** Sends with the admin token, unless `authorization` is given (null: none). */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, more?: SendOptions): Promise<TestAnswer>
  /** Puts an account of the configuration file with these settings into the database. */
  addAccount(settings: Partial<AccountSettings> & { readonly id: AccountSettings['id'] }): Promise<void>
  /** Puts a linked repository into the database. */
  addRepository(
    listed: Partial<ListedRepository> & { readonly path: string },
    options?: { account?: string; linked?: boolean },
  ): Promise<RepositoryId>
  dispose(): Promise<void>
}

export interface SendOptions {
  readonly body?: unknown
  readonly payload?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly authorization?: string | null
  readonly from?: string
}

export interface TestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  json<T = Record<string, unknown>>(): T
}

export interface TestHttpAppOptions extends Partial<HttpAppOptions> {
  /** The Jira of the configuration file; default: none. */
  readonly jira?: JiraSettings
}

export interface TestWorld {
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: `sqlite`. */
  readonly kind?: Database['kind']
  /** In the place of the one that the options describe. */
  readonly jira?: (parts: Pick<AppContext, 'http' | 'clock' | 'log'>) => JiraConnection
  readonly serverUrl?: string
  /** The configuration file sets the rules for issue keys. */
  readonly issueKeysByFile?: boolean
}

/** The whole HTTP interface on a database of its own; nothing works on the queue. */
export async function startTestHttpApp(
  { jira, ...options }: TestHttpAppOptions = {},
  world: TestWorld = {},
): Promise<TestHttpApp> {
  const { clock = systemClock, kind = 'sqlite' } = world
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-http-'))
  const logged: Record<string, unknown>[] = []
  const log = createLogger({
    level: 'debug',
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const database = kind === 'sqlite' ? 'sqlite' : await createTestDatabaseUrl()
  const db = await openDatabase({ database, dataDir: folder, log })
  const secretBox = createSecretBox(Buffer.alloc(32, 7))
  const client = createHttpClient({ allowPrivateAddresses: true, userAgent: 'test/1', clock, log, random: () => 0 })
  // The jobs' table is there on both; on PostgreSQL nothing looks at it.
  const jobs = createEmbeddedQueue({ db, clock, log })
  const connections = createConnections({
    db,
    secretBox,
    declared: new Map([
      [accountId('acme'), { token: new Secret('t'), webhookAdminToken: null, webhookSecret: new Secret(WEBHOOK_SECRET) }],
    ]),
    hosts: createHostRegistry({ http: client, clock, log }),
    clock,
    log,
  })
  const connection = world.jira?.({ http: client, clock, log }) ?? null
  const jiraAccess = await createJiraAccess({
    db,
    secretBox,
    http: client,
    clock,
    log,
    installationId: 'test-installation',
    declared: jira ?? null,
  })
  const issueKeyRules = await createIssueKeyRules({
    db,
    configured: { anyCaseIn: ['branch'], pullRequestCommits: false },
    byFile: world.issueKeysByFile ?? false,
  })
  const app: AppContext = {
    db,
    jobs,
    git: createGitProgram({ env: process.env, network: {}, log: silentLogger }),
    http: client,
    clock,
    log,
    connections,
    webhooks: createWebhookIntake({ db, jobs, connections, clock }),
    jiraAccess,
    personalTokens: createPersonalTokens(secretBox),
    get jira() {
      return connection ?? jiraAccess.current()
    },
    issueKeyRules,
    settings: {
      serverUrl: world.serverUrl ?? 'https://dvcs.example.com/connector',
      dataDir: folder,
      sweepIntervalMs: null,
      get issueKeys() {
        return issueKeyRules.current()
      },
      fullCloneLimitBytes: 0,
      deliver: false,
      retention: { payloadsMs: 1, journalsMs: 1, smartCommitsMs: 1 },
      smartCommits: { maxAgeMs: 1, mergeCommits: false },
      panel: { noise: NO_NOISE, rules: [], branchName: '${issueKey}-${summary}', filesPerHour: 0 },
    },
    metrics: noMetrics,
    requests: createRequestMeter(),
  }
  const aborted: string[] = []
  const http = await createHttpApp({
    app,
    secretBox,
    adminToken: new Secret(ADMIN_TOKEN),
    trustProxy: false,
    version: '1.2.3',
    abortSync: (key) => void aborted.push(key),
    log,
    // Quick: what today's cost is, its own test tells.
    passwords: createPasswords({ log2N: 4, r: 8, p: 1 }),
    ...options,
  })
  return {
    http,
    app,
    aborted,
    logged,
    send: (method, url, more = {}) => inject(http, { method, url, ...toInjected(more) }),
    async addAccount(settings) {
      await db.write('interactive', (tx) => saveAccount(tx, { ...ACME, name: settings.id, ...settings }, {}, 0))
    },
    addRepository: (listed, { account = 'acme', linked = true } = {}) =>
      addRepository(app, { ...SHOP, hostId: nextHostId(listed.path), ...listed }, { account, linked }),
    async dispose() {
      await http.close()
      await client.close()
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const ACME: AccountSettings = {
  id: accountId('acme'),
  name: 'Acme',
  host: 'gitlab',
  url: 'https://gitlab.example.com',
  gitUrl: null,
  owner: 'acme',
  managedBy: 'file',
  webhooks: 'off',
  autoLink: true,
  smartCommits: true,
  smartCommitTrust: 'author',
  smartCommitReplies: false,
  include: ['**'],
  exclude: [],
  jiraProjects: [],
}

const SHOP: ListedRepository = {
  hostId: hostId('501'),
  path: 'acme/shop',
  webUrl: 'https://gitlab.example.com/acme/shop',
  defaultBranch: 'main',
  lastActivityAt: null,
  archived: false,
  empty: false,
  gitEnabled: true,
  pullRequestsEnabled: true,
  forkOf: null,
}

/** The same for the same path, so that adding one again changes it. */
const nextHostId = (path: string) =>
  hostId(String([...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7)))

async function addRepository(
  { db }: AppContext,
  listed: ListedRepository,
  { account, linked }: { account: string; linked: boolean },
): Promise<RepositoryId> {
  const webUrl = `https://gitlab.example.com/${listed.path}`
  await db.write('interactive', (tx) =>
    saveListedRepository(tx, { ...listed, webUrl }, { accountId: accountId(account), linked, smartCommits: true }),
  )
  const stored = await findRepositoryByHostId(db.read, accountId(account), listed.hostId)
  if (stored === null) throw new Error('the repository was not stored')
  return stored.id
}

function toInjected({ body, payload, headers = {}, authorization = `Bearer ${ADMIN_TOKEN}`, from }: SendOptions): InjectOptions {
  return {
    headers: { ...(authorization === null ? {} : { authorization }), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
    ...(payload === undefined ? {} : { payload }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  }
}

async function inject(http: HttpApp, request: InjectOptions): Promise<TestAnswer> {
  const response = await http.inject(request)
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: <T>() => JSON.parse(response.body) as T,
  }
}
