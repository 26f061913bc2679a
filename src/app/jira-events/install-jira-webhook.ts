import { deleteSetting, findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader } from '../../db/database.ts'
import { toProblem } from '../../domain/problem.ts'
import type { JiraWebhook, JiraWebhooks } from '../../jira/webhook-admin.ts'
import { JIRA_WEBHOOK_EVENTS } from '../../jira/webhook-hint.ts'
import { toPathSecret } from '../../jira/webhook-signature.ts'
import { isConnectorError, type ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { recordWebhookWrites } from '../audit/record-writes.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { forgetSigned } from './webhook-arrival.ts'

/** What became of the connector's own webhook in Jira. */
export interface JiraWebhookInstallation {
  /** `by-hand`: the connector may not, or cannot; `reason` says why. */
  readonly state: 'installed' | 'by-hand'
  readonly reason: string | null
  /** In ms since 1970. */
  readonly checkedAt: number
}

/** Somebody may have changed or removed it, or made the connector's user an administrator. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000

/** null: not tried yet. */
export async function findInstallation(db: Reader): Promise<JiraWebhookInstallation | null> {
  const stored = await findSetting(db, 'jira.webhook-installation')
  return stored === null ? null : (JSON.parse(stored) as JiraWebhookInstallation)
}

/** Where Jira sends its webhooks, without the secret that the address of a Jira before 10 ends with. */
export function jiraWebhookUrl(serverUrl: string): string {
  return `${serverUrl}/webhooks/jira`
}

/**
 * Installs the connector's webhook in Jira, or adopts the one that is there: at the start of the process, which may have
 * another secret, and once a day. Best effort: what goes wrong is remembered for people, and the poll finds the rest. Switched
 * off, the one that it installed goes.
 */
export async function renewJiraWebhook(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  if (jira.events.webhooks === 'off') return removeOurs(app, jira, signal)
  if (jira.events.webhooks !== 'auto') return
  const now = app.clock.now().getTime()
  const last = await findInstallation(app.db.read)
  if (jira.events.installation.saved && last !== null && now - last.checkedAt < LOOK_AGAIN_MS) return
  const { mayPass, ...outcome } = await tryInstall(app, jira, signal)
  const installation: JiraWebhookInstallation = { ...outcome, checkedAt: now }
  await app.db.write('background', (tx) => saveSetting(tx, 'jira.webhook-installation', JSON.stringify(installation)))
  jira.events.installation.saved = !mayPass
  if (last?.state !== outcome.state) app.log.info({ state: outcome.state, reason: outcome.reason }, "jira's webhook")
}

/** Not those that people installed: they have another name. */
async function removeOurs(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  if ((await findInstallation(app.db.read)) === null) return
  try {
    const webhooks = await getRecorded(app, jira, signal)
    const ours = (await webhooks.list(signal)).filter(({ name }) => name === nameOf(jira))
    await removeAll(webhooks, ours, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!isConnectorError(error)) throw error
    app.log.warn({ reason: reasonOf(error) }, "jira's webhook could not be removed; it is tried again with the next look at Jira")
    return
  }
  await app.db.write('background', (tx) => deleteSetting(tx, 'jira.webhook-installation'))
  app.log.info({}, "jira's webhook was removed, because jira.webhooks is off")
}

async function getRecorded(app: AppContext, { client }: JiraConnection, signal: AbortSignal): Promise<JiraWebhooks> {
  return recordWebhookWrites(app, { webhooks: await client.getWebhooks(signal), reasonOf })
}

const nameOf = ({ installationId }: JiraConnection) => `DVCS connector ${installationId}`

interface Outcome extends Omit<JiraWebhookInstallation, 'checkedAt'> {
  /** The next poll tries again. */
  readonly mayPass: boolean
}

async function tryInstall(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<Outcome> {
  if (isLocal(app.settings.serverUrl) && !isLocal(jira.client.base.href)) {
    const reason = 'The connector does not know the address under which Jira reaches it: set server.url.'
    return { state: 'by-hand', reason, mayPass: false }
  }
  try {
    await install(app, jira, signal)
    return { state: 'installed', reason: null, mayPass: false }
  } catch (error) {
    signal.throwIfAborted()
    if (!isConnectorError(error)) throw error
    return { state: 'by-hand', reason: reasonOf(error), mayPass: error.retryable }
  }
}

async function install(app: AppContext, jira: JiraConnection, signal: AbortSignal): Promise<void> {
  const webhooks = await getRecorded(app, jira, signal)
  const address = jiraWebhookUrl(app.settings.serverUrl)
  const [secret] = await jira.events.webhookSecrets()
  const name = nameOf(jira)
  const [first, ...others] = findOurs(await webhooks.list(signal), { name, address })
  const settings = {
    name,
    url: webhooks.signs ? address : `${address}/${toPathSecret(secret)}`,
    events: JIRA_WEBHOOK_EVENTS,
    secret: webhooks.signs ? secret : null,
  }
  if (first === undefined) await webhooks.create(settings, signal)
  else await webhooks.change(first.id, settings, signal)
  await removeAll(webhooks, others, signal)
  if (!webhooks.signs) await forgetSigned(app.db)
}

/** By our name, which stays when our address changes, or by the address, when people installed it. */
function findOurs(all: readonly JiraWebhook[], { name, address }: { name: string; address: string }): JiraWebhook[] {
  return all.filter((hook) => hook.name === name || hook.url === address || hook.url.startsWith(`${address}/`))
}

/** Each of them would tell the same again. */
async function removeAll(webhooks: JiraWebhooks, hooks: readonly JiraWebhook[], signal: AbortSignal): Promise<void> {
  for (const { id } of hooks) await webhooks.remove(id, signal)
}

/** Jira's own words may repeat the address, and with it the secret: they are not kept. */
function reasonOf(error: ConnectorError): string {
  switch (error.code) {
    case 'jira-permission-missing':
      return "The connector's user is no Jira administrator."
    case 'jira-refused':
      return 'Jira refused to store the webhook.'
    case 'jira-unexpected-answer':
      return 'This Jira keeps its webhooks elsewhere, or something between answers in its place.'
    default:
      return toProblem(error).message
  }
}

function isLocal(address: string): boolean {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || /^(127|0)\./.test(hostname)
}
