import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { HttpExchange } from '../../lib/http-observer.ts'
import { toEventLabel } from './event-label.ts'
import type { Metrics } from './metrics.ts'

export interface PrometheusMetricsOptions {
  readonly registry: Registry
  /** The connected Jira's base address now; null: none is connected. Everything else that is asked is a Git host. */
  readonly jiraUrl: () => string | null
}

/** Seconds. A push is to be stored within one and in Jira within two; a rate limit may make it minutes. */
const LAG_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800]
/** Seconds, from an idle repository to the first import of a large one. */
const SYNC_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200]
const REQUEST_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Counts what the use cases tell, in a registry of its own. No label is a repository, an issue or a person. */
export function createPrometheusMetrics({ registry, jiraUrl }: PrometheusMetricsOptions): Metrics {
  return { ...createWebhookMetrics(registry), ...createWorkMetrics(registry), ...createHttpMetrics(registry, jiraUrl) }
}

function createWebhookMetrics(registry: Registry): Pick<Metrics, 'webhookAnswered' | 'webhookProcessed'> {
  const received = new Counter({
    name: 'dvcs_webhooks_received_total',
    help: 'Webhooks answered, by event and answer.',
    labelNames: ['event', 'answer'],
    registers: [registry],
  })
  const processed = new Counter({
    name: 'dvcs_webhooks_processed_total',
    help: 'Tries to follow a stored webhook, by event and outcome.',
    labelNames: ['event', 'outcome'],
    registers: [registry],
  })
  return {
    webhookAnswered: (event, answer) => received.inc({ event: toEventLabel(event), answer }),
    webhookProcessed: (event, outcome) => processed.inc({ event: toEventLabel(event), outcome }),
  }
}

function createWorkMetrics(
  registry: Registry,
): Pick<Metrics, 'syncEnded' | 'stored' | 'delivered' | 'jiraWritten' | 'smartCommit'> {
  const registers = [registry]
  const duration = new Histogram({
    name: 'dvcs_sync_duration_seconds',
    help: 'Synchronisations of a repository, by outcome.',
    labelNames: ['outcome'],
    buckets: SYNC_BUCKETS,
    registers,
  })
  const stored = new Histogram({
    name: 'dvcs_webhook_to_stored_seconds',
    help: 'From the receipt of a webhook until what it hinted at was stored.',
    buckets: LAG_BUCKETS,
    registers,
  })
  const delivered = new Histogram({
    name: 'dvcs_webhook_to_jira_seconds',
    help: 'From the receipt of a webhook until an issue that it changed was in Jira.',
    buckets: LAG_BUCKETS,
    registers,
  })
  const written = new Counter({
    name: 'dvcs_jira_writes_total',
    help: 'Writes to Jira, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const smartCommits = new Counter({
    name: 'dvcs_smart_commits_total',
    help: 'Commands of smart commits, by outcome; and smart commits that were not executed.',
    labelNames: ['outcome'],
    registers,
  })
  return {
    smartCommit: (outcome) => smartCommits.inc({ outcome }),
    syncEnded: (outcome, ms) => duration.observe({ outcome }, ms / 1000),
    stored: (lagMs) => stored.observe(toSeconds(lagMs)),
    delivered: (lagMs) => delivered.observe(toSeconds(lagMs)),
    jiraWritten: (kind, outcome) => written.inc({ kind, outcome }),
  }
}

/** A clock that was set back in between makes no negative time. */
const toSeconds = (ms: number) => Math.max(0, ms) / 1000

function createHttpMetrics(registry: Registry, jiraUrl: () => string | null): Pick<Metrics, 'exchanged'> {
  const requests = new Histogram({
    name: 'dvcs_requests_seconds',
    help: 'Requests to Git hosts and to Jira, by status; "none" without a complete answer.',
    labelNames: ['target', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  })
  const left = new Gauge({
    name: 'dvcs_host_rate_limit_remaining',
    help: 'Requests that a Git host still allows in its present window, as its last answer told.',
    labelNames: ['host'],
    registers: [registry],
  })
  const isJira = (url: URL) => {
    const base = jiraUrl()
    return base !== null && `${url.href}/`.startsWith(`${base.replace(/\/+$/, '')}/`)
  }
  return {
    exchanged({ url, status, headers, ms }: HttpExchange) {
      const target = isJira(url) ? 'jira' : 'host'
      requests.observe({ target, status: status === null ? 'none' : String(status) }, ms / 1000)
      const remaining = Number(headers['ratelimit-remaining'] ?? Number.NaN)
      // Hosts are what administrators entered: few.
      if (target === 'host' && Number.isFinite(remaining)) left.set({ host: url.host }, remaining)
    },
  }
}
