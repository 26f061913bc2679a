import { verify, type KeyObject } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Answer, Exchange } from './exchange.ts'

export interface SignedExchange extends Exchange {
  readonly authorization: string | undefined
}

/** Whose signatures count. */
export interface Signer {
  readonly consumerKey: string
  readonly key: KeyObject
}

/** As Jira's: what was signed longer ago, or ahead, is refused. */
const WINDOW_MS = 5 * 60_000

/** Ends a call with `oauth_problem`, and with the status that Jira's library has for it. */
export class Problem extends Error {
  readonly parameters: Readonly<Record<string, string>>
  constructor(problem: string, more: Readonly<Record<string, string>> = {}) {
    super(problem)
    this.parameters = { oauth_problem: problem, ...more }
  }
}

/**
 * Checks calls signed by OAuth 1.0a: the signature, that a nonce counts once, that the time is near. Its own reading of RFC 5849: the
 * connector's must not be believed here.
 *
 * @returns what the header says; throws `Problem`
 */
export function createSignatureCheck(clock: Clock) {
  const nonces = new Set<string>()
  return (exchange: SignedExchange, signer: Signer | null): Map<string, string> => {
    const nowMs = clock.now().getTime()
    const given = readHeader(exchange.authorization ?? '')
    const need = (name: string) => given.get(name) ?? absent(name)
    if (need('oauth_consumer_key') !== signer?.consumerKey) throw new Problem('consumer_key_unknown')
    if (need('oauth_signature_method') !== 'RSA-SHA1') throw new Problem('signature_method_rejected')
    const atMs = Number(need('oauth_timestamp')) * 1_000
    if (!(Math.abs(atMs - nowMs) <= WINDOW_MS)) throw new Problem('timestamp_refused', acceptable(nowMs))
    const nonce = `${need('oauth_timestamp')} ${need('oauth_nonce')}`
    if (nonces.has(nonce)) throw new Problem('nonce_used')
    nonces.add(nonce)
    const base = baseOf(exchange, given)
    const signature = Buffer.from(need('oauth_signature'), 'base64')
    // Jira tells what it would have signed, tokens included.
    if (!verify('RSA-SHA1', Buffer.from(base), signer.key, signature))
      throw new Problem('signature_invalid', { oauth_signature_base_string: base })
    return given
  }
}

export function absent(name: string): never {
  throw new Problem('parameter_absent', { oauth_parameters_absent: name })
}

export function toAnswer({ parameters }: Problem, now: Date): Answer {
  const problem = parameters['oauth_problem'] ?? ''
  const status = /^(?:parameter|timestamp|signature_method|version)_/.test(problem) ? 400 : 401
  const headers = {
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    'www-authenticate': `OAuth realm="jira", oauth_problem="${problem}"`,
    date: now.toUTCString(),
  }
  return { status, headers, body: new URLSearchParams(parameters).toString() }
}

const acceptable = (nowMs: number) => ({
  oauth_acceptable_timestamps: `${Math.floor((nowMs - WINDOW_MS) / 1_000)}-${Math.floor((nowMs + WINDOW_MS) / 1_000)}`,
})

function readHeader(authorization: string): Map<string, string> {
  const pairs = authorization.replace(/^OAuth\s+/i, '').matchAll(/([^\s,=]+)="([^"]*)"/g)
  const read = new Map<string, string>()
  for (const [, name = '', value = ''] of pairs) read.set(decodeURIComponent(name), decodeURIComponent(value))
  return read
}

/** Byte by byte, as RFC 5849 tells it in 3.4.1. */
function baseOf({ method, path, query, base }: Exchange, given: Map<string, string>): string {
  const pairs = [...query, ...given].filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
  const lines = pairs.map(([name, value]) => `${escape(name)}\u0000${escape(value)}`)
  const parameters = lines.map((line) => Buffer.from(line)).toSorted(Buffer.compare)
  const joined = parameters.map((line) => line.toString().replace('\u0000', '=')).join('&')
  return `${method}&${escape(`${base}${path}`)}&${escape(joined)}`
}

function escape(text: string): string {
  const isPlain = (byte: number) => /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
  const bytes = [...Buffer.from(text, 'utf8')]
  return bytes
    .map((byte) =>
      byte < 128 && isPlain(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}
