import { isConnectorError } from '../lib/connector-error.ts'

/** A failure as it is stored and shown: what happened and what to do, without secrets. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly remedy: string | null
}

/** An expected failure in its own words; anything else as `internal-error`, whose details belong into the log. */
export function toProblem(error: unknown): Problem {
  if (isConnectorError(error)) return { code: error.code, message: error.userMessage, remedy: error.remedy }
  return {
    code: 'internal-error',
    message: 'The connector failed in an unexpected way.',
    remedy: 'See the log around this time, and report it with those lines.',
  }
}
