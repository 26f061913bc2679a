import { createHmac, timingSafeEqual } from 'node:crypto'
import { isOneOfSecrets } from '../lib/secret-compare.ts'

/** What came with a webhook of Jira to prove whom it is from. */
export interface JiraWebhookProof {
  /** The header `X-Hub-Signature`: Jira 10 and later. */
  readonly signature: string | undefined
  /** The last part of the address: Jira before 10, which signs nothing. null: the address has none. */
  readonly pathSecret: string | null
}

/** Whether one of the secrets made this proof; in constant time over the bytes as they came. */
export function isJiraWebhookVerified(proof: JiraWebhookProof, body: Buffer, secrets: readonly string[]): boolean {
  if (proof.pathSecret !== null) return isOneOfSecrets(proof.pathSecret, secrets)
  const given = /^sha256=([0-9a-f]{64})$/i.exec(proof.signature ?? '')?.[1]
  if (given === undefined) return false
  const bytes = Buffer.from(given, 'hex')
  let found = false
  for (const secret of secrets) {
    if (secret === '') continue
    const equal = timingSafeEqual(bytes, createHmac('sha256', secret).update(body).digest())
    if (equal) found = true
  }
  return found
}
