import { ConnectorError, type ConnectorErrorDetails } from '../connector-error.ts'

const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|CRL_|EPROTO$|PATH_LENGTH_)/
const UNTRUSTED_CODES = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/
const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ENODATA', 'ESERVFAIL', 'ETIMEOUT'])

/** Where an exchange stood when it failed: before or after the answer's headers. */
export type ExchangePhase = 'headers' | 'body'

/** What was tried: its text (see `describeRequest`) and address, and how far it came. */
export interface Attempt {
  readonly what: string
  readonly url: URL
  readonly phase: ExchangePhase
}

/** A request's place in texts: method, origin and path, never the query (it may carry secrets). */
export function describeRequest(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}

/** The failure of an exchange that brought no complete answer, told by the transport's error code. */
export function toTransportError(error: unknown, attempt: Attempt): ConnectorError {
  if (error instanceof ConnectorError) return error
  const { what, url, phase } = attempt
  const code = findCode(error)
  const details = { cause: error, retryable: true }
  if (DNS_CODES.has(code)) return toDnsFailed(attempt, code, error)
  if (TLS_CODES.test(code)) return toTlsFailed(attempt, code, error)
  if (code.startsWith('UND_ERR_CONNECT_TIMEOUT')) {
    const remedy = `Check that ${url.host} can be reached from this machine: firewall, proxy, address.`
    return new ConnectorError('request-timeout', { ...details, userMessage: `${what}: no connection in time.`, remedy })
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return toTimeout(what, error)
  if (phase === 'body') return toResponseCut(what, error)
  const remedy = `Check the address and that the server runs and can be reached from this machine: firewall, proxy, address.`
  return new ConnectorError('connection-failed', { ...details, userMessage: `${what}: no connection (${code}).`, remedy })
}

/** True when trying again at once may help and is known not to have been answered. */
export function isConnectionFailure(error: ConnectorError): boolean {
  const code = findCode(error.cause)
  if (error.code === 'request-timeout') return code === 'UND_ERR_CONNECT_TIMEOUT'
  if (error.code === 'dns-failed') return code === 'EAI_AGAIN'
  return error.code === 'connection-failed' || error.code === 'response-cut'
}

/** True when the machine answered that nothing listens at the address. */
export function isConnectionRefused(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'connection-failed' && findCode(error.cause) === 'ECONNREFUSED'
}

export function toTimeout(what: string, cause: unknown): ConnectorError {
  const remedy = 'Try again later; if it stays, look at the load of that server.'
  return new ConnectorError('request-timeout', {
    userMessage: `${what}: no complete answer in time.`,
    retryable: true,
    remedy,
    cause,
  })
}

export function toResponseCut(what: string, cause?: unknown): ConnectorError {
  const details: ConnectorErrorDetails = {
    userMessage: `${what}: the answer ended before it was complete.`,
    remedy: 'Try again later; if it stays, look for a proxy between here and that server that cuts connections.',
    retryable: true,
  }
  return new ConnectorError('response-cut', cause === undefined ? details : { ...details, cause })
}

export function toTooLarge(what: string, maxBytes: number): ConnectorError {
  return new ConnectorError('response-too-large', {
    userMessage: `${what}: the answer is larger than the ${maxBytes} bytes accepted.`,
    remedy: 'Check that the address belongs to the expected server.',
  })
}

/** `never`: link-local and cloud metadata addresses; `private`: a private address where the configuration forbids them. */
export function toAddressRefused(hostname: string, verdict: 'never' | 'private'): ConnectorError {
  const remedy =
    verdict === 'never'
      ? 'Link-local addresses are never connected to: use the address of the real server.'
      : 'Set network.allowPrivateAddresses to true if this server is meant.'
  const kind = verdict === 'never' ? 'link-local' : 'private'
  return new ConnectorError('address-refused', {
    userMessage: `Connection to ${hostname} refused: it is a ${kind} address.`,
    remedy,
  })
}

/** `location` is where the answer pointed to; only its origin is shown. */
export function toRedirectRefused({ what, url }: Omit<Attempt, 'phase'>, status: number, location: URL | null): ConnectorError {
  const elsewhere = location !== null && location.origin !== url.origin
  const target = location === null ? 'nowhere' : elsewhere ? location.origin : `${location.origin}${location.pathname}`
  return new ConnectorError('redirect-refused', {
    userMessage: `${what}: the answer (${status}) sends to ${target}, which is not followed.`,
    remedy: elsewhere
      ? `Credentials are never sent to another origin: if ${location.origin} is the right server, enter its address.`
      : 'Check the address: the server answers there with a redirect.',
  })
}

function toDnsFailed({ what, url }: Attempt, code: string, cause: unknown): ConnectorError {
  const userMessage = `${what}: the name ${url.hostname} cannot be resolved (${code}).`
  const remedy = `Check the spelling of ${url.hostname} and the DNS settings of this machine.`
  return new ConnectorError('dns-failed', { userMessage, remedy, retryable: true, cause })
}

function toTlsFailed({ what, url }: Attempt, code: string, cause: unknown): ConnectorError {
  const [reason, remedy] = explainTls(code, url)
  return new ConnectorError('tls-failed', { userMessage: `${what}: ${reason} (${code}).`, remedy, cause })
}

function explainTls(code: string, url: URL): readonly [string, string] {
  if (UNTRUSTED_CODES.test(code)) {
    return [`the certificate of ${url.host} is not trusted`, 'Add the PEM file of its certificate authority to network.ca.']
  }
  if (code === 'CERT_HAS_EXPIRED') return [`the certificate of ${url.host} has expired`, 'Renew the certificate of that server.']
  if (code === 'CERT_NOT_YET_VALID') {
    return [`the certificate of ${url.host} is not valid yet`, 'Compare the clocks of both machines, or wait until it is valid.']
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      `the certificate of ${url.host} is for another name`,
      'Use the name that the certificate names, or renew it for this one.',
    ]
  }
  return [`no secure connection to ${url.host}`, 'Check that the port speaks HTTPS, with TLS 1.2 or later.']
}

/** undici wraps socket errors, and parallel connection tries end in an AggregateError: the first code found counts. */
function findCode(error: unknown): string {
  for (let current = error; current instanceof Error; current = toInner(current)) {
    const { code } = current as { code?: unknown }
    if (typeof code === 'string' && code !== 'UND_ERR_SOCKET' && code !== 'UND_ERR_PRX_CONN') return code
    if (toInner(current) === undefined && typeof code === 'string') return code
  }
  return 'unknown'
}

function toInner(error: Error): unknown {
  if (error instanceof AggregateError) return error.errors[0] as unknown
  return error.cause
}
