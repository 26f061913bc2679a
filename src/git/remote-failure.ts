import { ConnectorError } from '../lib/connector-error.ts'

/** Why a Git host did not give what was asked for. The same codes whether our HTTP client or the git program noticed. */
export type RemoteFailureCode = keyof typeof FAILURES

export interface RemoteAttempt {
  /** When the other side said to come back, if it did. */
  readonly retryAt?: Date | null
  /** What was tried, as the end of "Could not …": `fetch the branches`. */
  readonly purpose: string
  /** Address without credentials. */
  readonly url: string
}

interface Failure {
  readonly meaning: string
  readonly remedy: string
  readonly retryable: boolean
}

const FAILURES = {
  'credentials-refused': {
    meaning: 'the host refused the credentials',
    remedy: "Check that the account's token is still valid and may read repositories, and enter a new one if not.",
    retryable: false,
  },
  'permission-missing': {
    meaning: 'the host accepted the credentials but does not allow reading this repository',
    remedy:
      'Give the token the right to read repositories (GitLab: scope read_repository, role Reporter), or unlink the repository.',
    retryable: false,
  },
  'not-found': {
    meaning: 'the host knows no such repository, or hides it from this token',
    remedy: 'Check that the repository still exists, that its Git access is switched on and that the token may see it.',
    retryable: false,
  },
  'rate-limited': { meaning: 'the host asked to slow down', remedy: 'Nothing to do: it is tried again later.', retryable: true },
  'redirect-refused': {
    meaning: 'the host pointed to another address, where credentials are never sent',
    remedy: "Enter the address that the host redirects to as the account's address.",
    retryable: false,
  },
  'dns-failed': {
    meaning: "the host's name is not known",
    remedy: 'Check the address and the name server of this machine.',
    retryable: true,
  },
  'connection-failed': {
    meaning: 'no connection could be made',
    remedy: 'Check the address, firewalls and the proxy between this machine and the host.',
    retryable: true,
  },
  'tls-failed': {
    meaning: 'no trusted TLS connection could be made',
    remedy: "Add the certificate authority of the host to network.ca, or renew the host's certificate.",
    retryable: false,
  },
  'host-unavailable': {
    meaning: 'the host could not answer completely',
    remedy: 'Nothing to do: it is tried again later.',
    retryable: true,
  },
  'unexpected-answer': {
    meaning: 'the answer is not the Git protocol',
    remedy: 'Check that the address is that of a Git repository and that no proxy or login page answers in its place.',
    retryable: true,
  },
} as const satisfies Record<string, Failure>

/** Builds the error for a failed attempt. `answer` is what came back, shown to people: without secrets, one line. */
export function remoteFailure(code: RemoteFailureCode, attempt: RemoteAttempt, answer: string): ConnectorError {
  const { meaning, remedy, retryable } = FAILURES[code]
  const shown = answer === '' ? '' : ` (${answer})`
  const userMessage = `Could not ${attempt.purpose} of ${attempt.url}: ${meaning}${shown}.`
  return new ConnectorError(code, { userMessage, remedy, retryable, retryAt: attempt.retryAt ?? null })
}

/** What an HTTP status other than success means for reading a repository. */
export function statusFailureCode(status: number): RemoteFailureCode {
  if (status === 401) return 'credentials-refused'
  if (status === 403) return 'permission-missing'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 429) return 'rate-limited'
  if (status === 407) return 'connection-failed'
  if (status >= 300 && status < 400) return 'redirect-refused'
  if (status >= 500 || status === 408) return 'host-unavailable'
  return 'unexpected-answer'
}
