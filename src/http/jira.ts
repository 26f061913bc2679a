import { installationSteps, readJiraWebhookStatus, type JiraWebhookStatus } from '../app/jira-events/jira-webhook-status.ts'
import { jiraWebhookSchema, type JiraWebhookJson } from '../contract/jira-webhook.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

/** `/jira/webhook`: whether Jira tells what happens there, and how to make it. */
export function registerJira(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/jira/webhook',
    {
      schema: {
        operationId: 'getJiraWebhook',
        summary: "Jira's webhook: its address, whether it arrives, how to install it, and what the poll beside it found",
        tags: ['jira'],
        response: { 200: jiraWebhookSchema, ...problems(401, 404) },
      },
    },
    async () => {
      const status = await readJiraWebhookStatus(app)
      if (status !== null) return toJson(status)
      throw new ConnectorError('jira-webhooks-off', {
        userMessage: 'No Jira is connected.',
        remedy: 'Connect one in the browser, or add "jira" with url and token to the configuration file.',
      })
    },
  )
}

function toJson({ mode, address, arrival, installation, pollIntervalMs, lastPoll }: JiraWebhookStatus): JiraWebhookJson {
  return {
    mode,
    address,
    lastArrivedAt: arrival === null ? null : toTime(arrival.at),
    lastEvent: arrival?.event ?? null,
    installation: installation === null ? null : { ...installation, checkedAt: toTime(installation.checkedAt) },
    steps: [...installationSteps(address)],
    poll: {
      intervalSeconds: pollIntervalMs === null ? null : Math.round(pollIntervalMs / 1_000),
      lastAt: lastPoll === null ? null : toTime(lastPoll.at),
      requests: lastPoll?.requests ?? 0,
      appeared: lastPoll?.appeared ?? 0,
      compared: lastPoll?.compared ?? 0,
      moved: lastPoll?.moved ?? 0,
      gone: lastPoll?.gone ?? 0,
    },
  }
}

const toTime = (ms: number) => new Date(ms).toISOString()
