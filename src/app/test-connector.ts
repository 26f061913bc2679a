import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabaseUrl } from '../../test/postgres.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open-database.ts'
import type { AccountSettings } from '../db/stores/accounts.ts'
import { accountId } from '../domain/ids.ts'
import { NO_NOISE } from '../domain/noise.ts'
import { createGitProgram } from '../git/git-program.ts'
import { createHostRegistry } from '../hosts/registry.ts'
import type { RunningJobs } from '../jobs/job-queue.ts'
import { openJobQueue } from '../jobs/open-job-queue.ts'
import { createHttpClient } from '../lib/http-client/create-http-client.ts'
import type { HttpExchange } from '../lib/http-observer.ts'
import { silentLogger, type Logger } from '../lib/logger.ts'
import { createRequestMeter } from '../lib/request-meter.ts'
import { Secret } from '../lib/secret.ts'
import { createSecretBox, deriveKey, type SecretBox } from '../lib/secret-box.ts'
import { createConnections, type DeclaredSecrets } from './accounts/create-connections.ts'
import { declareAccounts } from './accounts/declare-accounts.ts'
import type { AppContext, AppSettings } from './app-context.ts'
import type { JiraConnection } from './delivery/jira-connection.ts'
import { createIssueKeyRules } from './issue-keys/issue-key-rules.ts'
import { createJiraAccess } from './jira/jira-access.ts'
import type { JiraSettings } from './jira/jira-settings.ts'
import { noMetrics, type Metrics } from './metrics/metrics.ts'
import { runJobs } from './run-jobs.ts'
import { createPersonalTokens } from './smart-commits/personal-tokens.ts'
import { DAY_MS, type TestClock } from './test-clock.ts'
import { createWebhookIntake } from './webhooks/webhook-intake.ts'

export interface TestAccount {
  readonly settings: AccountSettings
  readonly token: string
  readonly webhookSecret?: string
}

export interface TestConnectorOptions {
  readonly clock: TestClock
  readonly accounts: readonly TestAccount[]
  /** null: none is connected. */
  readonly jira: {
    readonly url: string
    readonly token: string
    readonly delivery?: JiraConnection['delivery']
    readonly events?: Partial<Pick<JiraSettings, 'webhooks' | 'poll' | 'webhookSecret'>>
  } | null
  readonly kind?: Database['kind']
  readonly settings?: Partial<AppSettings>
  /** Plan sweeps by the schedule. */
  readonly scheduled?: boolean
  readonly log?: Logger
  readonly metrics?: Metrics
  /** Another git program than that on the PATH. */
  readonly git?: { readonly binary: string }
  /** Other limits than those of the command line. */
  readonly http?: { readonly exchangeTimeoutMs?: number }
}

/** The connector of one process, put together as the command line does, on a clock of the test. */
export interface TestConnector {
  readonly app: AppContext
  readonly secretBox: SecretBox
  readonly dataDir: string
  /** Aborted when the test ends. */
  readonly signal: AbortSignal
  /** Lets the workers do what is due, and what a burst of changes delays, until nothing is; later retries stay. */
  settle(): Promise<void>
  /** Ends the running synchronisation of this key, as a person does. */
  abort(key: string): void
  close(): Promise<void>
}

export const JIRA_WEBHOOK_SECRET = 'secret of the webhook in jira'

/** Beyond the delay of a delivery, below the first retry of a failed job. */
const DUE_SOON_MS = 600

export async function createTestConnector(options: TestConnectorOptions): Promise<TestConnector> {
  const { clock, log = silentLogger, kind = 'sqlite', metrics = noMetrics } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'jira-dvcs-app-'))
  await mkdir(join(dataDir, 'git'))
  const databaseUrl = kind === 'sqlite' ? 'sqlite' : await createTestDatabaseUrl()
  const db = await openDatabase({ database: databaseUrl, dataDir, log })
  const secretBox = createSecretBox(deriveKey('a key for tests only'))
  const requests = createRequestMeter()
  const observer = { sent: () => requests.note(), answered: (exchange: HttpExchange) => metrics.exchanged(exchange) }
  const http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'test', clock, log, observer, ...options.http })
  const declared = new Map(options.accounts.map(({ settings, ...secrets }) => [settings.id, toDeclaredSecrets(secrets)]))
  const jobs = await openJobQueue({ db, databaseUrl, clock, log })
  const connections = createConnections({
    db,
    secretBox,
    declared,
    clock,
    log,
    hosts: createHostRegistry({ http, clock, log }),
  })
  const jiraAccess = await createJiraAccess({
    db,
    secretBox,
    http,
    clock,
    log,
    installationId: 'test-installation',
    declared: options.jira === null ? null : toJiraSettings(options.jira),
  })
  const issueKeyRules = await createIssueKeyRules({
    db,
    configured: options.settings?.issueKeys ?? { anyCaseIn: ['branch'], pullRequestCommits: true },
    byFile: false,
  })
  const app: AppContext = {
    db,
    jobs,
    git: createGitProgram({ env: process.env, network: { proxy: null }, log, ...options.git }),
    http,
    clock,
    log,
    connections,
    webhooks: createWebhookIntake({ db, jobs, connections, clock }),
    jiraAccess,
    personalTokens: createPersonalTokens(secretBox),
    get jira() {
      return jiraAccess.current()
    },
    issueKeyRules,
    settings: {
      serverUrl: 'http://connector.test',
      dataDir,
      sweepIntervalMs: 60 * 60_000,
      fullCloneLimitBytes: 1024 ** 3,
      deliver: options.jira !== null,
      retention: { payloadsMs: 3 * DAY_MS, journalsMs: 14 * DAY_MS, smartCommitsMs: 90 * DAY_MS },
      smartCommits: { maxAgeMs: 14 * DAY_MS, mergeCommits: false },
      panel: { noise: NO_NOISE, rules: [], branchName: '${issueKey}-${summary}', filesPerHour: 0 },
      ...options.settings,
      get issueKeys() {
        return issueKeyRules.current()
      },
    },
    metrics,
    requests,
  }
  await declareAccounts(
    app,
    options.accounts.map(({ settings }) => settings),
  )
  const ended = new AbortController()
  const workers = await runJobs(app, { repositoriesAtOnce: 2, scheduled: options.scheduled === true, random: () => 0.5 })
  return {
    app,
    secretBox,
    dataDir,
    signal: ended.signal,
    settle: () => settle(app, clock),
    abort: (key) => workers.abort(key),
    close: () => close({ app, dataDir, workers, ended }),
  }
}

function toDeclaredSecrets({ token, webhookSecret }: Omit<TestAccount, 'settings'>): DeclaredSecrets {
  return {
    token: new Secret(token),
    webhookAdminToken: null,
    webhookSecret: webhookSecret === undefined ? null : new Secret(webhookSecret),
  }
}

function toJiraSettings({
  url,
  token,
  delivery = ['property'],
  events = {},
}: NonNullable<TestConnectorOptions['jira']>): JiraSettings {
  const quiet = { webhooks: 'off', poll: null } as const
  const property = { others: 'full', projects: {} } as const
  return { url, auth: { token }, property, delivery, webhookSecret: JIRA_WEBHOOK_SECRET, ...quiet, ...events }
}

/** One look may fall between two jobs, or before one that the watch over the clock is about to pull forward. */
const QUIET_LOOKS = 4

/** On PostgreSQL another library keeps the jobs: there the test waits for what it expects instead. */
async function settle({ db }: AppContext, clock: TestClock): Promise<void> {
  for (let quiet = 0; quiet < QUIET_LOOKS;) {
    const rows = await db.read.selectFrom('jobs').select(['run_at', 'locked_until']).execute()
    const now = clock.now().getTime()
    const running = rows.some((row) => row.locked_until !== null)
    const dueInMs = Math.min(...rows.filter((row) => row.locked_until === null).map((row) => row.run_at - now))
    if (!running && dueInMs > 0 && dueInMs <= DUE_SOON_MS) clock.advance(dueInMs)
    quiet = running || dueInMs <= DUE_SOON_MS ? 0 : quiet + 1
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function close({
  app,
  dataDir,
  workers,
  ended,
}: {
  app: AppContext
  dataDir: string
  workers: RunningJobs
  ended: AbortController
}): Promise<void> {
  ended.abort()
  await workers.stop()
  await app.http.close()
  await app.db.close()
  await rm(dataDir, { recursive: true, force: true })
}

export function toAccountSettings(
  id: string,
  more: Pick<AccountSettings, 'url' | 'owner'> & Partial<AccountSettings>,
): AccountSettings {
  return {
    id: accountId(id),
    name: id,
    host: 'gitlab',
    gitUrl: null,
    managedBy: 'file',
    webhooks: 'off',
    autoLink: true,
    smartCommits: true,
    smartCommitTrust: 'author',
    smartCommitReplies: false,
    include: ['**'],
    exclude: [],
    jiraProjects: [],
    ...more,
  }
}
