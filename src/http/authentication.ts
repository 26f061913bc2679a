import type { FastifyRequest } from 'fastify'
import type { Asker } from '../domain/asker.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { Secret } from '../lib/secret.ts'
import { isOneOfSecrets } from '../lib/secret-compare.ts'
import type { RefusalLimit } from './refusal-limit.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who was let in; null: nobody was asked for a token. */
    caller: Extract<Asker, 'local' | 'token'> | null
  }
}

export interface AuthenticationOptions {
  readonly adminToken: Secret | null
  readonly isTrusted: (request: FastifyRequest) => boolean
  readonly refusals: RefusalLimit
}

/** A hook that lets administrators through: the local socket, or the admin token, compared in constant time. */
export function createAuthentication({ adminToken, isTrusted, refusals }: AuthenticationOptions) {
  return async (request: FastifyRequest): Promise<void> => {
    if (isTrusted(request)) {
      request.caller = 'local'
      return
    }
    const given = findBearerToken(request.headers.authorization)
    if (given === null) {
      throw new ConnectorError('authentication-required', {
        userMessage: 'This needs an API token.',
        remedy: 'Send "Authorization: Bearer <token>" with the token of server.adminToken.',
      })
    }
    if (adminToken !== null && isOneOfSecrets(given, [adminToken.reveal()])) {
      request.caller = 'token'
      return
    }
    await refusals.count(request)
    throw new ConnectorError('token-refused', {
      userMessage: 'The API token is not valid.',
      remedy: adminToken === null ? 'Set server.adminToken: there is no token yet.' : 'Send the token of server.adminToken.',
    })
  }
}

/** The token of `Authorization: Bearer …`, RFC 6750; null: none was sent. */
function findBearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null
}
