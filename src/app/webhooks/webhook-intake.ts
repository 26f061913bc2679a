import type { AppContext } from '../app-context.ts'
import { createWebhookInbox, type WebhookInbox } from './webhook-inbox.ts'
import { createWebhookVerifier, type WebhookVerifier } from './webhook-verifier.ts'

/** What this process keeps between webhooks. */
export interface WebhookIntake {
  readonly inbox: WebhookInbox
  readonly verifier: WebhookVerifier
}

export function createWebhookIntake(app: Pick<AppContext, 'db' | 'jobs' | 'connections' | 'clock'>): WebhookIntake {
  return { inbox: createWebhookInbox(app), verifier: createWebhookVerifier(app) }
}
