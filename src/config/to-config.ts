import type { AccountConfig, Config, JiraConfig } from './config.ts'
import type { ValuesOf } from './option.ts'
import type { ACCOUNT_OPTIONS, OPTIONS } from './options.ts'

type Values = ValuesOf<typeof OPTIONS>
type AccountValues = ValuesOf<typeof ACCOUNT_OPTIONS>

/** Gives the checked values the shape that the program reads. */
export function toConfig(
  values: Values,
  rest: Pick<Config, 'file' | 'declared' | 'shown' | 'accounts'> & {
    readonly jiraGiven: boolean
    readonly noProxy: string | null
  },
): Config {
  return {
    file: rest.file,
    declared: rest.declared,
    shown: rest.shown,
    server: {
      url: values['server.url'],
      listen: values['server.listen'],
      workerListen: values['server.workerListen'],
      adminToken: values['server.adminToken'],
      secretKey: values['server.secretKey'],
      trustProxy: values['server.trustProxy'],
    },
    dataDir: values.dataDir,
    database: values.database,
    jira: rest.jiraGiven ? toJira(values) : null,
    accounts: rest.accounts,
    sync: { intervalMs: values['sync.interval'], concurrency: values['sync.concurrency'] },
    panel: {
      branchName: values['panel.branchName'],
      hide: values['panel.hide'],
      filesPerHour: values['panel.filesPerHour'],
    },
    issueKeys: { anyCaseIn: values['issueKeys.anyCaseIn'], pullRequestCommits: values['issueKeys.pullRequestCommits'] },
    git: { fullCloneLimitBytes: values['git.fullCloneLimit'] },
    smartCommits: { maxAgeMs: values['smartCommits.maxAge'], mergeCommits: values['smartCommits.mergeCommits'] },
    retention: {
      payloadsMs: values['retention.payloads'],
      journalsMs: values['retention.journals'],
      smartCommitsMs: values['retention.smartCommits'],
    },
    network: {
      ca: values['network.ca'],
      proxy: values['network.proxy'],
      noProxy: rest.noProxy,
      allowPrivateAddresses: values['network.allowPrivateAddresses'],
    },
    log: { level: values['log.level'], format: values['log.format'] },
  }
}

function toJira(values: Values): JiraConfig | null {
  const { 'jira.token': token, 'jira.username': username, 'jira.password': password } = values
  const { 'jira.oauth.clientId': clientId, 'jira.oauth.clientSecret': clientSecret } = values
  const rest = {
    oauth: clientId === null || clientSecret === null ? null : { clientId, clientSecret },
    url: values['jira.url'],
    property: values['jira.property'],
    delivery: values['jira.delivery'],
    webhooks: values['jira.webhooks'],
    webhookSecret: values['jira.webhookSecret'],
    poll: values['jira.poll'],
  }
  if (token !== null) return { ...rest, credentials: { kind: 'token', token } }
  if (username !== null && password !== null) return { ...rest, credentials: { kind: 'password', username, password } }
  return null
}

/** An account's values; its name is its id where none is given, a webhook secret counts where hooks are set up by hand only. */
export function toAccount(values: AccountValues): AccountConfig {
  return { ...values, name: values.name ?? values.id, webhookSecret: values.webhooks === 'manual' ? values.webhookSecret : null }
}
