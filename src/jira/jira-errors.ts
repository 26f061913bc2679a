import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpResponse } from '../lib/http-client.ts'
import { parseErrorAnswer } from './jira-schema.ts'

/** What was asked of Jira, for messages people read. */
export interface JiraAttempt {
  /** A gerund phrase: `reading issue SHOP-7`. */
  readonly what: string
  /** Jira's base address. */
  readonly base: URL
  /** Present when the call is about one issue, so that 404 means that issue. */
  readonly issue?: string
  readonly write: boolean
  readonly now: Date
}

/** How long to stay away after a 429 that does not say. */
const DEFAULT_PAUSE_SECONDS = 10
const LONGEST_QUOTE = 300

/**
 * Finds what is wrong with an answer; null when it may be used. The order matters: a wrong token often gets an
 * answer as anonymous, so a 404 or 403 is only believed after Jira said who asked.
 *
 * Errors: `jira-rate-limited`, `jira-read-only`, `jira-unavailable`, `jira-captcha`, `jira-credentials-refused`,
 * `jira-unexpected-answer`, `jira-anonymous`, `jira-permission-missing`, `jira-issue-not-found`, `jira-refused`.
 */
export function findAnswerProblem(answer: HttpResponse, attempt: JiraAttempt, anonymousAllowed: boolean): ConnectorError | null {
  const { status } = answer
  if (status === 429) return rateLimited(answer, attempt)
  if (attempt.write && isReadOnly(answer)) return readOnly(answer, attempt)
  if (status >= 500) return unavailable(answer, attempt)
  if (isCaptcha(answer)) return captcha(attempt)
  // Some calls for administrators answer 401 to a user who is signed in.
  if (status === 401) return isAnonymous(answer) ? credentialsRefused(answer, attempt) : permissionMissing(answer, attempt)
  if (isHtml(answer)) return unexpectedAnswer(answer, attempt, 'a web page instead of JSON, such as a login page of a proxy')
  if (!anonymousAllowed && isAnonymous(answer)) return anonymous(attempt)
  if (status === 403) return permissionMissing(answer, attempt)
  if (status === 404) return notFound(answer, attempt)
  if (status >= 400) return refused(answer, attempt)
  if (status >= 200 && status < 300) return null
  return unexpectedAnswer(answer, attempt, `HTTP status ${status}`)
}

/** An answer that is not what the call promises; `found` says in a few words what came instead. */
export function unexpectedAnswer(answer: HttpResponse, attempt: JiraAttempt, found: string): ConnectorError {
  return new ConnectorError('jira-unexpected-answer', {
    userMessage: `${sentence(attempt)}: ${answer.url.origin}${answer.url.pathname} answered ${found}.`,
    remedy:
      'Check that jira.url is the address of Jira itself, context path included, and that no login page, proxy or ' +
      'firewall stands between the connector and Jira for paths below /rest.',
    retryable: true,
  })
}

/** How long a 429 asks to stay away, in milliseconds. */
export function pauseOf(headers: Readonly<Record<string, string>>): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000
  const interval = Number(headers['x-ratelimit-interval-seconds'] ?? Number.NaN)
  return (Number.isFinite(interval) && interval > 0 ? interval : DEFAULT_PAUSE_SECONDS) * 1000
}

function rateLimited(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  const retryAt = new Date(attempt.now.getTime() + pauseOf(answer.headers))
  return new ConnectorError('jira-rate-limited', {
    userMessage: `${sentence(attempt)}: Jira's rate limit for the connector's user is used up until ${retryAt.toISOString()}.`,
    remedy: "It continues by itself. A Jira administrator can exempt the connector's user under System > Rate limiting.",
    retryable: true,
    retryAt,
  })
}

function unavailable(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-unavailable', {
    userMessage: `${sentence(attempt)}: Jira is not working at the moment (HTTP ${answer.status}).`,
    remedy: "It is tried again by itself. If it lasts, look at Jira's own log and at the proxy before it.",
    retryable: true,
    retryAt: answer.headers['retry-after'] === undefined ? null : new Date(attempt.now.getTime() + pauseOf(answer.headers)),
  })
}

function readOnly(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-read-only', {
    userMessage: `${sentence(attempt)}: Jira takes no changes at the moment (HTTP ${answer.status}).`,
    remedy: 'Deliveries wait and continue when Jira leaves its read-only or maintenance mode.',
    retryable: true,
  })
}

function captcha(attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-captcha', {
    userMessage: `${sentence(attempt)}: after failed sign-ins Jira asks the connector's user to solve a CAPTCHA.`,
    remedy:
      'Sign in to Jira once as that user in a browser, or let an administrator reset the failed login count ' +
      '(User management), then store the right password or, better, a personal access token.',
  })
}

function credentialsRefused(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  const reason = answer.headers['x-seraph-loginreason']
  return new ConnectorError('jira-credentials-refused', {
    userMessage: `${sentence(attempt)}: Jira refused the credentials (HTTP 401${reason === undefined ? '' : `, ${quote(reason)}`}).`,
    remedy:
      "Create a new personal access token for the connector's user in Jira (Profile > Personal access tokens) and store it.",
  })
}

function anonymous(attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-anonymous', {
    userMessage:
      `${sentence(attempt)}: Jira answered, but as if nobody were signed in. That is how it treats a wrong, expired or ` +
      'revoked token where anonymous access is allowed.',
    remedy:
      "Create a new personal access token for the connector's user and store it. If the token is right, check that no " +
      'proxy removes the Authorization header on the way to Jira or X-AUSERNAME on the way back.',
  })
}

function permissionMissing(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-permission-missing', {
    userMessage: `${sentence(attempt)}: the connector's user may not do this${told(answer)}.`,
    remedy:
      "Give the connector's user Browse Projects and Edit Issues (for remote links also Link Issues) in that project's permission scheme.",
  })
}

function notFound(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  if (attempt.issue === undefined) return unexpectedAnswer(answer, attempt, 'that this address does not exist (HTTP 404)')
  return new ConnectorError('jira-issue-not-found', {
    userMessage: `${sentence(attempt)}: issue ${attempt.issue} does not exist, or the connector's user may not see it.`,
    remedy: "If the issue exists, give the connector's user Browse Projects and access to the issue's security level.",
  })
}

function refused(answer: HttpResponse, attempt: JiraAttempt): ConnectorError {
  return new ConnectorError('jira-refused', {
    userMessage: `${sentence(attempt)}: Jira refused (HTTP ${answer.status})${told(answer)}.`,
    remedy: "Jira's words above say why. If they do not help, the same moment in Jira's log tells more.",
    // A conflict is another writer at the same moment.
    retryable: answer.status === 409,
  })
}

/** Jira has no status of its own for it: 405 comes from proxies that pass only reading, the rest from its own words. */
function isReadOnly(answer: HttpResponse): boolean {
  if (answer.status === 405) return true
  if (answer.status !== 403 && answer.status !== 503) return false
  return parseErrorAnswer(answer.body).some((message) => /read[- ]?only/i.test(message))
}

function isCaptcha(answer: HttpResponse): boolean {
  if (answer.status !== 401 && answer.status !== 403) return false
  return (answer.headers['x-authentication-denied-reason'] ?? '').startsWith('CAPTCHA_CHALLENGE')
}

function isHtml(answer: HttpResponse): boolean {
  return (answer.headers['content-type'] ?? '').toLowerCase().startsWith('text/html')
}

function isAnonymous(answer: HttpResponse): boolean {
  const name = answer.headers['x-ausername']
  return name === undefined || name === '' || name === 'anonymous'
}

function told(answer: HttpResponse): string {
  const messages = parseErrorAnswer(answer.body)
  return messages.length === 0 ? '' : `: ${quote(messages.join(' '))}`
}

function quote(text: string): string {
  const clean = text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}…` : clean
}

function sentence(attempt: JiraAttempt): string {
  const text = `${attempt.what} at ${attempt.base.href}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} failed`
}
