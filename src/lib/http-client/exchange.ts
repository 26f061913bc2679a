import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { pipeline, type Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { ConnectorError } from '../connector-error.ts'
import type { HttpResponse } from '../http-client.ts'
import { describeRequest, toTimeout, toTooLarge, toTransportError, type ExchangePhase } from './transport-error.ts'

/** One request on the wire and its whole answer, without retries or redirects. */
export interface Exchange {
  readonly dispatcher: Dispatcher
  readonly method: Dispatcher.HttpMethod
  readonly url: URL
  readonly headers: Record<string, string>
  readonly body: Uint8Array | null
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly headersTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxBytes: number
}

/** Resolves with any status; rejects with a `ConnectorError`, or with the signal's reason when aborted. */
export async function runExchange(exchange: Exchange): Promise<HttpResponse> {
  const { dispatcher, method, url, headers, body, signal, maxBytes } = exchange
  const what = describeRequest(method, url)
  const deadline = AbortSignal.timeout(exchange.timeoutMs)
  let phase: ExchangePhase = 'headers'
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers,
      body,
      signal: AbortSignal.any([signal, deadline]),
      headersTimeout: Math.min(exchange.headersTimeoutMs, exchange.timeoutMs),
      bodyTimeout: Math.min(exchange.idleTimeoutMs, exchange.timeoutMs),
    })
    phase = 'body'
    const answerHeaders = toPlainHeaders(answer.headers)
    const bytes = await readBody(answer.body, answerHeaders, { maxBytes, what })
    return { status: answer.statusCode, headers: answerHeaders, body: bytes, url }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (deadline.aborted) throw toTimeout(what, error)
    throw toTransportError(error, { what, url, phase })
  }
}

async function readBody(
  stream: Readable,
  headers: Readonly<Record<string, string>>,
  { maxBytes, what }: { maxBytes: number; what: string },
): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    stream.on('error', ignoreAfterDestroy).destroy()
    throw toTooLarge(what, maxBytes)
  }
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop by throwing destroys the streams, and with them the connection of an endless body.
  for await (const chunk of decode(stream, headers['content-encoding'], what) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw toTooLarge(what, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function decode(stream: Readable, encoding: string | undefined, what: string): Readable {
  const decoder = createDecoder(encoding?.trim().toLowerCase() ?? '')
  if (decoder === 'unknown') {
    stream.on('error', ignoreAfterDestroy).destroy()
    const remedy = 'Look for a proxy between here and that server that changes answers.'
    throw new ConnectorError('unexpected-answer', { userMessage: `${what}: the answer has an unknown content encoding.`, remedy })
  }
  // `pipeline` forwards an error of the source to the decoder, where the loop meets it.
  return decoder === null ? stream : pipeline(stream, decoder, ignoreAfterDestroy)
}

function createDecoder(encoding: string) {
  switch (encoding) {
    case '':
    case 'identity':
      return null
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      return 'unknown'
  }
}

/** The error is already on its way to the caller; a stream without a listener would end the process. */
function ignoreAfterDestroy(): void {}

function toPlainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}
