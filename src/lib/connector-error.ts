/** What every expected failure carries, so that callers decide by `code` and people read `userMessage` and `remedy`. */
export interface ConnectorErrorDetails {
  /** What was attempted, on what, and what came back: safe to show and to log, without secrets. */
  readonly userMessage: string
  /** What the reader can do about it, in one or two sentences. */
  readonly remedy?: string
  /** Trying the same again later may work. */
  readonly retryable?: boolean
  /** When the other side said to come back. */
  readonly retryAt?: Date | null
  readonly cause?: unknown
}

/** An expected failure. `code` is stable, kebab-case and documented; everything else may be reworded. */
export class ConnectorError extends Error {
  readonly code: string
  readonly retryable: boolean
  readonly retryAt: Date | null
  readonly userMessage: string
  readonly remedy: string | null

  constructor(code: string, details: ConnectorErrorDetails) {
    super(`${code}: ${details.userMessage}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = details.retryable ?? false
    this.retryAt = details.retryAt ?? null
    this.userMessage = details.userMessage
    this.remedy = details.remedy ?? null
  }
}

/** Narrows an unknown error to a connector's, optionally of one code. */
export function isConnectorError(error: unknown, code?: string): error is ConnectorError {
  return error instanceof ConnectorError && (code === undefined || error.code === code)
}
