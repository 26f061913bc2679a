import { createMissedWebhooks, type MissedWebhooks } from './missed-webhooks.ts'
import { createWebhookInbox, type InboxOptions, type WebhookInbox } from './webhook-inbox.ts'
import { createWebhookVerifier, type VerifierOptions, type WebhookVerifier } from './webhook-verifier.ts'

/** What this process keeps between webhooks. */
export interface WebhookIntake {
  readonly inbox: WebhookInbox
  readonly verifier: WebhookVerifier
  readonly missed: MissedWebhooks
}

export function createWebhookIntake(options: InboxOptions & VerifierOptions): WebhookIntake {
  return {
    inbox: createWebhookInbox(options),
    verifier: createWebhookVerifier(options),
    missed: createMissedWebhooks(options.clock),
  }
}
