import { createHmac, timingSafeEqual } from 'node:crypto'
import { isOneOfSecrets } from '../lib/secret-compare.ts'

/** What came with a webhook of Jira to prove whom it is from. */
export interface JiraWebhookProof {
  /** The header `X-Hub-Signature`: Jira 10 and later. */
  readonly signature: string | undefined
  /** The last part of the address: Jira before 10, which signs nothing. null: the address has none. */
  readonly pathSecret: string | null
}

/**
 * The last part of the address of a webhook in a Jira before 10. Made from the secret, not the secret itself: addresses
 * stand in logs, and whoever reads one cannot sign what a later Jira would.
 */
export function toPathSecret(secret: string): string {
  return createHmac('sha256', secret).update('jira-webhook-path').digest('hex')
}

/** What one of the secrets vouches for, in constant time over the bytes as they came; null: nothing. */
export function verifyJiraWebhook(
  proof: JiraWebhookProof,
  body: Buffer,
  secrets: readonly string[],
): 'signature' | 'path' | null {
  const known = secrets.filter((secret) => secret !== '')
  if (proof.pathSecret !== null) return isOneOfSecrets(proof.pathSecret, known.map(toPathSecret)) ? 'path' : null
  return isSigned(proof, body, known) ? 'signature' : null
}

function isSigned(proof: JiraWebhookProof, body: Buffer, secrets: readonly string[]): boolean {
  const given = /^sha256=([0-9a-f]{64})$/i.exec(proof.signature ?? '')?.[1]
  if (given === undefined) return false
  const bytes = Buffer.from(given, 'hex')
  let found = false
  for (const secret of secrets) {
    const equal = timingSafeEqual(bytes, createHmac('sha256', secret).update(body).digest())
    if (equal) found = true
  }
  return found
}
