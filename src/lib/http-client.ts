/** One request to another server. Everything sent and received is bounded in time and size. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Extra headers; values may be secrets and are never logged or put into errors. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON with its content type; `bytes` sends raw bytes with the content type given in `headers`. */
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly signal: AbortSignal
  /** Whole exchange, body included, of each try; default 60,000 ms. */
  readonly timeoutMs?: number
  /** Largest body accepted, in bytes after decompression; default 16 MiB. */
  readonly maxBytes?: number
  /** How often a request that may be repeated (GET, PUT, DELETE, or `repeatable`) is tried again; default 2. */
  readonly retries?: number
  readonly repeatable?: boolean
  /** Told of every answer on the way, repeated and redirecting ones included: for rate-limit headers. */
  readonly onAnswer?: (status: number, headers: Readonly<Record<string, string>>) => void
}

export interface HttpResponse {
  readonly status: number
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The address that answered (after same-origin redirects). */
  readonly url: URL
}

/**
 * Sends requests. Resolves for every HTTP status (429 and 5xx after its own retries); rejects with a `ConnectorError`
 * when there was no complete answer: `dns-failed`, `connection-failed`, `tls-failed`, `request-timeout`,
 * `response-too-large`, `response-cut`, `redirect-refused`, `address-refused`, `unexpected-answer` (unknown content
 * encoding), `request-invalid` (a header value that cannot be sent); or with the signal's reason when aborted.
 * Created by `createHttpClient` in `http-client/create-http-client.ts`.
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}
