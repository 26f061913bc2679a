import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { createConnections, type DeclaredSecrets } from '../app/accounts/create-connections.ts'
import { declareAccounts } from '../app/accounts/declare-accounts.ts'
import type { AppContext, AppSettings } from '../app/app-context.ts'
import { createIssueKeyRules, type IssueKeyRules } from '../app/issue-keys/issue-key-rules.ts'
import { createJiraAccess } from '../app/jira/jira-access.ts'
import type { JiraSettings } from '../app/jira/jira-settings.ts'
import { noMetrics, type Metrics } from '../app/metrics/metrics.ts'
import { createPersonalTokens } from '../app/smart-commits/personal-tokens.ts'
import { createWebhookIntake } from '../app/webhooks/webhook-intake.ts'
import { ensureSameKey } from '../app/identity/ensure-same-key.ts'
import type { AccountConfig, Config, JiraConfig } from '../config/config.ts'
import { dataFolderUnusable, lockDataFolder } from '../db/data-folder-lock.ts'
import { openDatabase } from '../db/open-database.ts'
import { listAccounts, type AccountSettings } from '../db/stores/accounts.ts'
import { findSetting, saveSetting } from '../db/stores/settings.ts'
import type { Database } from '../db/database.ts'
import { accountId, type AccountId } from '../domain/ids.ts'
import { toNoise } from '../domain/noise.ts'
import type { GitNetwork } from '../git/git-environment.ts'
import { createGitProgram } from '../git/git-program.ts'
import { createHostRegistry } from '../hosts/registry.ts'
import { openJobQueue } from '../jobs/open-job-queue.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import { createHttpClient } from '../lib/http-client/create-http-client.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { HttpExchange, HttpObserver } from '../lib/http-observer.ts'
import { loadOrCreateKeyFile } from '../lib/key-file.ts'
import type { Logger } from '../lib/logger.ts'
import { createRequestMeter } from '../lib/request-meter.ts'
import { createSecretBox, deriveKey, type SecretBox } from '../lib/secret-box.ts'
import { VERSION } from './version.ts'

export interface ConnectorOptions {
  readonly config: Config
  /** The address under which this process is reached, where the configuration names none. */
  readonly serverUrl: string
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  readonly deliver: boolean
  /** Works beside a running connector: takes no lock, declares nothing and starts no git. */
  readonly beside?: boolean
  /** Default: nobody asks for numbers. */
  readonly metrics?: Metrics
}

/** Everything that one process of the connector is made of, not yet working. */
export interface Connector {
  readonly app: AppContext
  readonly secretBox: SecretBox
  close(): Promise<void>
}

/**
 * The composition root: the only place where the parts meet.
 *
 * @throws ConnectorError `data-folder-unusable`, `data-folder-locked`, `git-missing`, `git-too-old`, those of the database and of
 *   the key
 */
export async function openConnector({
  config,
  serverUrl,
  env,
  log,
  deliver,
  beside = false,
  metrics = noMetrics,
}: ConnectorOptions): Promise<Connector> {
  const clock = systemClock
  const requests = createRequestMeter()
  const observer = { sent: () => requests.note(), answered: (exchange: HttpExchange) => metrics.exchanged(exchange) }
  await makeDataFolder(config.dataDir)
  const lock = beside ? null : lockDataFolder(config.dataDir)
  const closers: (() => Promise<void> | void)[] = [() => lock?.release()]
  const close = async () => {
    for (const step of closers.toReversed()) await step()
  }
  try {
    const git = createGitProgram({ env, network: await toGitNetwork(config), log })
    const [secretBox, http] = await Promise.all([
      openSecretBox(config),
      openHttp(config, { clock, log, observer }),
      beside ? null : git.checkVersion(),
    ])
    closers.push(() => http.close())
    const databaseUrl = config.database.kind === 'sqlite' ? 'sqlite' : config.database.url.reveal()
    const db = await openDatabase({ database: databaseUrl, dataDir: config.dataDir, log })
    closers.push(() => db.close())
    await ensureSameKey(db, secretBox)
    const jobs = await openJobQueue({ db, databaseUrl, clock, log })
    const connections = createConnections({
      db,
      secretBox,
      declared: new Map(config.accounts.map((account) => [accountId(account.id), toDeclaredSecrets(account)])),
      hosts: createHostRegistry({ http, clock, log }),
      clock,
      log,
    })
    const installationId = await ensureInstallationId(db)
    const declared = toJiraSettings(config)
    const jiraAccess = await createJiraAccess({ db, secretBox, http, clock, log, installationId, declared })
    const issueKeyRules = await openIssueKeyRules(db, config)
    const settings = toSettings(config, { serverUrl, deliver, issueKeyRules })
    const parts = { db, jobs, git, http, clock, log, connections, settings, metrics, requests, jiraAccess, issueKeyRules }
    const app: AppContext = {
      ...parts,
      webhooks: createWebhookIntake({ db, jobs, connections, clock }),
      personalTokens: createPersonalTokens(secretBox),
      get jira() {
        return jiraAccess.current()
      },
    }
    if (!beside || (await listAccounts(db.read)).length === 0) await declareAccounts(app, config.accounts.map(toAccountSettings))
    return { app, secretBox, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(join(dataDir, 'git'), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw dataFolderUnusable(dataDir, cause)
  }
}

function openIssueKeyRules(db: Database, { issueKeys, declared }: Config): Promise<IssueKeyRules> {
  const byFile = [...declared].some((path) => path.startsWith('issueKeys.'))
  return createIssueKeyRules({ db, configured: issueKeys, byFile })
}

function toSettings(
  config: Config,
  { serverUrl, deliver, issueKeyRules }: { serverUrl: string; deliver: boolean; issueKeyRules: IssueKeyRules },
): AppSettings {
  const { server, dataDir, sync, git, retention, panel, smartCommits } = config
  return {
    serverUrl: server.url ?? serverUrl,
    dataDir,
    sweepIntervalMs: sync.intervalMs,
    get issueKeys() {
      return issueKeyRules.current()
    },
    fullCloneLimitBytes: git.fullCloneLimitBytes,
    deliver,
    retention,
    smartCommits,
    panel: { noise: toNoise(panel.hide), rules: panel.hide, branchName: panel.branchName, filesPerHour: panel.filesPerHour },
  }
}

async function openSecretBox({ database, dataDir, server }: Config): Promise<SecretBox> {
  if (server.secretKey !== null) return createSecretBox(deriveKey(server.secretKey.reveal()))
  if (database.kind === 'postgresql') throw new Error('PostgreSQL without server.secretKey: the configuration refuses it')
  return createSecretBox(await loadOrCreateKeyFile(join(dataDir, 'secret.key')))
}

/** The HTTP client as the configuration wants it; an observer counts what it sends. */
export async function openHttp(
  { network }: Config,
  parts: { clock: Clock; log: Logger; observer?: HttpObserver },
): Promise<HttpClient> {
  return createHttpClient({
    ca: await Promise.all(network.ca.map((file) => readFile(file, 'utf8'))),
    proxy: network.proxy?.reveal() ?? null,
    ...(network.noProxy === null ? {} : { noProxy: network.noProxy }),
    allowPrivateAddresses: network.allowPrivateAddresses,
    userAgent: `jira-dvcs/${VERSION}`,
    ...parts,
  })
}

/** Git trusts one file alone, so the machine's authorities are written beside the configured ones. */
async function toGitNetwork({ dataDir, network }: Config): Promise<GitNetwork> {
  const proxy = network.proxy?.reveal() ?? null
  if (network.ca.length === 0) return { proxy }
  const caFile = join(dataDir, 'ca-bundle.pem')
  const added = await Promise.all(network.ca.map((file) => readFile(file, 'utf8')))
  await writeFile(caFile, [...getCACertificates('system'), ...added].join('\n'), { mode: 0o600 })
  return { proxy, caFile }
}

export function toJiraSettings({ jira }: Config): JiraSettings | null {
  if (jira === null) return null
  const { url, credentials, property, delivery, webhooks, webhookSecret, poll, oauth } = jira
  const auth =
    credentials.kind === 'token'
      ? { token: credentials.token.reveal() }
      : { username: credentials.username, password: credentials.password.reveal() }
  const levels = { others: property.others, projects: Object.fromEntries(property.projects) }
  return {
    url,
    auth,
    property: levels,
    delivery,
    webhooks,
    poll,
    webhookSecret: webhookSecret?.reveal() ?? null,
    ...(oauth === null ? {} : { oauth: revealed(oauth) }),
  }
}

function revealed({ clientId, clientSecret }: NonNullable<JiraConfig['oauth']>) {
  return { clientId, clientSecret: clientSecret.reveal() }
}

async function ensureInstallationId(db: Database): Promise<string> {
  const known = await findSetting(db.read, 'installation.id')
  if (known !== null) return known
  const made = randomUUID()
  await db.write('interactive', (tx) => saveSetting(tx, 'installation.id', made))
  return made
}

function toDeclaredSecrets({ token, webhookAdminToken, webhookSecret }: AccountConfig): DeclaredSecrets {
  return { token, webhookAdminToken, webhookSecret }
}

function toAccountSettings(account: AccountConfig): AccountSettings {
  const { token: _token, webhookAdminToken: _admin, webhookSecret: _secret, ...settings } = account
  return { ...settings, id: account.id as AccountId, managedBy: 'file' }
}
