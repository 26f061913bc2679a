import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemDocument } from '../contract/problem.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createFloodCounter } from './flood-counter.ts'
import { toConnectorError, toProblemDocument } from './problem-document.ts'

export interface ErrorHandlerOptions {
  readonly log: Logger
  readonly clock: Clock
}

export type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Members that an older interface's callers look for, beside ours. */
export type MoreMembers = (problem: ProblemDocument) => Readonly<Record<string, unknown>>

const NO_MORE: MoreMembers = () => ({})
/** For 429 and 503 without a time of their own, in seconds. */
const RETRY_AFTER_S = 30

/** Answers every failure of a request as `application/problem+json`, and logs what is the connector's own fault. */
export function createErrorHandler({ log, clock }: ErrorHandlerOptions, more = NO_MORE): ErrorHandler {
  const countFlood = createFloodCounter(clock, FLOOD_LINE_MS)
  return async (raw, request, reply) => {
    const error = toConnectorError(raw, request)
    const problem = toProblemDocument(error, request.id)
    const count = problem.code === 'webhook-not-stored' ? countFlood() : 1
    if (problem.status >= 500 && problem.code !== 'not-ready' && count > 0) {
      const fields = {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        code: problem.code,
        ...(count > 1 ? { count } : {}),
        cause: error,
      }
      log.error(fields, 'request failed')
    }
    if (problem.status === 401) void reply.header('www-authenticate', CHALLENGES[problem.code] ?? CHALLENGE)
    if (problem.status === 429 || problem.status === 503) void reply.header('retry-after', secondsUntil(error, clock))
    await reply
      .code(problem.status)
      .type('application/problem+json')
      // As bytes: Fastify would add a charset, a parameter that JSON's types do not have.
      .send(Buffer.from(JSON.stringify({ ...problem, ...more(problem) })))
  }
}

/** Anybody may send webhooks that there is no room for: one line a minute tells of them. */
const FLOOD_LINE_MS = 60_000

const CHALLENGE = 'Bearer realm="jira-dvcs"'
const CHALLENGES: Readonly<Record<string, string>> = {
  'token-refused': `${CHALLENGE}, error="invalid_token"`,
  'webhook-refused': 'Webhook realm="jira-dvcs"',
}

function secondsUntil(error: unknown, clock: Clock): number {
  const at = isConnectorError(error) ? error.retryAt : null
  return at === null ? RETRY_AFTER_S : Math.max(1, Math.ceil((at.getTime() - clock.now().getTime()) / 1000))
}
