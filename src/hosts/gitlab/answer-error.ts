import { z } from 'zod'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { HttpResponse } from '../../lib/http-client.ts'
import { findReturnMs, toRateLimited } from '../../lib/rate-budget.ts'

/** What an answer belongs to, for texts: `GET https://gitlab.example.com/api/v4/projects/1`. */
export interface AnswerContext {
  readonly what: string
  readonly host: string
  readonly now: Date
  /** Blotted out should the server repeat it. */
  readonly secret: string
}

const problem = z.object({
  message: z.unknown().optional(),
  error: z.unknown().optional(),
  error_description: z.unknown().optional(),
  scope: z.unknown().optional(),
})
type Problem = z.infer<typeof problem>

/** The expected failure that an answer other than 2xx stands for. The one place where GitLab's statuses are judged. */
export function toAnswerError(response: HttpResponse, context: AnswerContext): ConnectorError {
  const { status, headers } = response
  const told = readProblem(response)
  const text = `${context.what} was answered with ${status}${describe(told, [context.secret])}.`
  if (status === 401) return toRefused(text)
  if (status === 403) return toForbidden(response, told, text)
  if (status === 404) {
    const remedy = 'Check the name, and that the token may see it: GitLab also answers so for what is hidden.'
    return new ConnectorError('not-found', { userMessage: text, remedy })
  }
  if (status === 429) return toRateLimited(context.host, new Date(findReturnMs(headers, context.now)))
  if (status >= 500 || status === 408) {
    const retryAt = headers['retry-after'] === undefined ? null : new Date(findReturnMs(headers, context.now))
    const remedy = `It is tried again. If it stays, look at the state of ${context.host}.`
    return new ConnectorError('host-unavailable', { userMessage: text, remedy, retryable: true, retryAt })
  }
  return toUnexpectedAnswer(text, { retryable: status === 409 || status === 423 })
}

/** GitLab's own words for why it refused, in brackets; empty when it gave none. */
export function describeRefusal(response: HttpResponse, secrets: readonly string[]): string {
  return describe(readProblem(response), secrets)
}

/** An answer that is none: not JSON, other fields than promised, pages that lead nowhere. */
export function toUnexpectedAnswer(userMessage: string, { retryable = false, remedy = '' } = {}): ConnectorError {
  const advice = remedy || 'Check that the address leads to a GitLab of version 13.0 or later; if it does, report this as a bug.'
  return new ConnectorError('unexpected-answer', { userMessage, remedy: advice, retryable })
}

function toRefused(text: string): ConnectorError {
  const remedy =
    'The token is wrong, expired or revoked: create a new one with the scopes read_api and read_repository and enter it.'
  return new ConnectorError('credentials-refused', { userMessage: text, remedy })
}

function toForbidden({ headers }: HttpResponse, told: Problem | null, text: string): ConnectorError {
  const challenge = headers['www-authenticate'] ?? ''
  if (told?.error === 'insufficient_scope' || challenge.includes('insufficient_scope')) {
    const wanted = typeof told?.scope === 'string' ? told.scope : (/scope="([^"]*)"/.exec(challenge)?.[1] ?? 'read_api')
    const scopes = wanted.split(/\s+/)
    // GitLab lists every scope that would do; the smallest one that reads is asked for.
    const scope = scopes.find((name) => name === 'read_api') ?? scopes[0] ?? 'read_api'
    const remedy = `Create a token that has the scope ${scope} and enter it.`
    return new ConnectorError('scope-missing', { userMessage: `${text} The token lacks the scope ${scope}.`, remedy })
  }
  const remedy =
    told === null
      ? 'GitLab or a proxy before it refuses this machine: after failed sign-ins it bans an address for up to an hour.'
      : 'Give the owner of the token a higher role (Reporter reads, Maintainer manages webhooks).'
  return new ConnectorError('permission-missing', { userMessage: text, remedy })
}

function readProblem({ body }: HttpResponse): Problem | null {
  try {
    return problem.safeParse(JSON.parse(body.toString('utf8'))).data ?? null
  } catch (error) {
    // Proxies and rate limiters answer with HTML or plain text.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Hidden before it is cut: a secret across the edge would leave its beginning. */
function describe(told: Problem | null, secrets: readonly string[]): string {
  const reason = told?.error_description ?? told?.message ?? told?.error
  if (reason === undefined || reason === null) return ''
  let text = (typeof reason === 'string' ? reason : JSON.stringify(reason)).replaceAll(/\s+/g, ' ')
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[redacted]')
  return ` (${text.slice(0, 200)})`
}
