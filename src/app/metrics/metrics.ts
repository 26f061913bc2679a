import type { HttpExchange } from '../../lib/http-observer.ts'

/** What the use cases tell about their work, as numbers. Nothing here may fail or wait. */
export interface Metrics {
  /** A webhook was answered: stored, a duplicate, or refused. `event` is the host's own word. */
  webhookAnswered(event: string, answer: WebhookAnswered): void
  /** A stored webhook was looked at. */
  webhookProcessed(event: string, outcome: 'done' | 'ignored' | 'failed' | 'dead'): void
  syncEnded(outcome: 'done' | 'failed' | 'cancelled', ms: number): void
  /** From the receipt of a webhook until what it hinted at was stored. */
  stored(lagMs: number): void
  /** From the receipt of a webhook until Jira had it. */
  delivered(lagMs: number): void
  jiraWritten(kind: string, outcome: 'done' | 'failed'): void
  /** A smart commit was recorded without being executed, or one of its commands came to its end. */
  smartCommit(outcome: 'done' | 'failed' | 'skipped'): void
  /** Any request of the HTTP client, to Git hosts and to Jira. */
  exchanged(exchange: HttpExchange): void
}

export type WebhookAnswered = 'stored' | 'duplicate' | 'unknown-account' | 'refused' | 'not-json' | 'not-stored'

/** For tests and commands that nobody scrapes. */
export const noMetrics: Metrics = {
  webhookAnswered: () => undefined,
  webhookProcessed: () => undefined,
  syncEnded: () => undefined,
  stored: () => undefined,
  delivered: () => undefined,
  jiraWritten: () => undefined,
  smartCommit: () => undefined,
  exchanged: () => undefined,
}
