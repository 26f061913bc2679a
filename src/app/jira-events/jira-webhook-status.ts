import type { AppContext } from '../app-context.ts'
import { findInstallation, jiraWebhookUrl, type JiraWebhookInstallation } from './install-jira-webhook.ts'
import { findLastPoll, findPollInterval, type JiraPoll } from './poll-jira.ts'
import { findArrival, type JiraWebhookArrival } from './webhook-arrival.ts'

/** How the connector learns what happens in Jira, for administrators. */
export interface JiraWebhookStatus {
  readonly mode: 'auto' | 'manual' | 'off'
  /** Without the secret. */
  readonly address: string
  readonly arrival: JiraWebhookArrival | null
  /** null: it does not try, or did not yet. */
  readonly installation: JiraWebhookInstallation | null
  readonly pollIntervalMs: number | null
  readonly lastPoll: JiraPoll | null
}

/** null: no Jira is connected. */
export async function readJiraWebhookStatus(app: AppContext): Promise<JiraWebhookStatus | null> {
  if (app.jira === null) return null
  const { read } = app.db
  const mode = app.jira.events.webhooks
  const [arrival, installation, lastPoll, pollIntervalMs] = await Promise.all([
    findArrival(read),
    mode === 'auto' ? findInstallation(read) : null,
    findLastPoll(read),
    findPollInterval(app),
  ])
  return { mode, address: jiraWebhookUrl(app.settings.serverUrl), arrival, installation, pollIntervalMs, lastPoll }
}

/** One sentence on how it stands, and what would make it better. */
export function describeJiraWebhook(status: JiraWebhookStatus): { readonly message: string; readonly remedy: string | null } {
  const { mode, address, arrival, installation, pollIntervalMs } = status
  const poll = pollIntervalMs === null ? 'and Jira is not asked' : `Jira is asked every ${pollIntervalMs / 60_000} minutes`
  if (mode === 'off') return { message: `switched off, ${poll}`, remedy: null }
  if (arrival !== null)
    return { message: `the last one arrived ${new Date(arrival.at).toISOString()} at ${address}`, remedy: null }
  const installed = installation?.state === 'installed' ? 'installed, but ' : ''
  const message = `${installed}none ever arrived at ${address}, ${poll}`
  if (installed !== '') return { message, remedy: 'Change any issue, then look again: Jira must reach that address.' }
  const reason = installation?.reason ?? null
  return { message: reason === null ? message : `${message}. ${reason}`, remedy: installationSteps(address).join(' ') }
}

/** How to install the webhook by hand, a step each. */
export function installationSteps(address: string): readonly string[] {
  return [
    'Set jira.webhooks to manual and jira.webhookSecret to a random text ("openssl rand -hex 32"), and restart the connector.',
    'In Jira, as an administrator: System > WebHooks > Create a WebHook.',
    `Jira 10 and later: the URL is ${address}, and the secret goes into the field for it. Before: the URL is ${address}/ followed by what this prints: printf %s jira-webhook-path | openssl dgst -sha256 -hmac "$SECRET"`,
    'Events: issue created, updated and deleted; project created, updated and deleted. No JQL; the body is not excluded.',
  ]
}
