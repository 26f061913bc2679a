import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import { isOneOfSecrets } from '../../lib/secret-compare.ts'
import type { HostWebhooks } from '../types.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** A secret of this form is a signing token (Standard Webhooks); every other one is sent as `X-Gitlab-Token`. */
const SIGNING_PREFIX = 'whsec_'
/** Key lengths of Standard Webhooks; GitLab takes 32 bytes. A shorter one, down to none, would be no secret. */
const KEY_BYTES = { min: 24, max: 64 }
/** Largest difference between the signature's time and our clock, in seconds (Standard Webhooks). */
const TOLERANCE_S = 5 * 60

/** One takes 47 characters. */
const MAX_SIGNATURES = 8
const MAX_SIGNATURE_LENGTH = 1_000

/** The value of `X-Gitlab-Token` that goes with a secret: a signing key itself is never sent along. */
export function toPlainToken(secret: string): string {
  return isSigningToken(secret) ? createHash('sha256').update(`x-gitlab-token:${secret}`).digest('hex') : secret
}

export function isSigningToken(secret: string): boolean {
  return findKey(secret) !== null
}

function findKey(secret: string): Buffer | null {
  const encoded = secret.startsWith(SIGNING_PREFIX) ? secret.slice(SIGNING_PREFIX.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null
  const key = Buffer.from(encoded, 'base64')
  return key.length >= KEY_BYTES.min && key.length <= KEY_BYTES.max ? key : null
}

/**
 * What vouches for the raw bytes: the signature where the hook signs and a secret is a signing token, and then nothing
 * else; without a signature the plain token. Header names in lower case.
 */
export function createVerify(clock: Clock): HostWebhooks['verify'] {
  return (headers, body, secrets) => {
    const keys = secrets.map(findKey).filter((key) => key !== null)
    const signature = headers['webhook-signature']
    if (signature !== undefined && keys.length > 0)
      return isSigned(headers, { body, signature, keys, clock }) ? 'signature' : null
    const token = headers['x-gitlab-token']
    return token !== undefined && isOneOfSecrets(token, secrets.map(toPlainToken)) ? 'token' : null
  }
}

interface Signed {
  readonly body: Buffer
  readonly signature: string
  readonly keys: readonly Buffer[]
  readonly clock: Clock
}

function isSigned(headers: Headers, { body, signature, keys, clock }: Signed): boolean {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (id === undefined || id === '' || !/^\d{1,12}$/.test(timestamp)) return false
  if (signature.length > MAX_SIGNATURE_LENGTH) return false
  if (Math.abs(clock.now().getTime() / 1000 - Number(timestamp)) > TOLERANCE_S) return false
  const expected = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
  )
  // Several signatures, of which one is right, come while a sender replaces its key. Anybody may send thousands.
  return signature.split(' ', MAX_SIGNATURES).some((given) => isOneOfSecrets(given, expected))
}
