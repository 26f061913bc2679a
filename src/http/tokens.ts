import { z } from 'zod'
import { createApiToken, revokeToken } from '../app/identity/api-tokens.ts'
import { listSchema, pageQuerySchema } from '../contract/page.ts'
import { createdTokenSchema, newTokenSchema, tokenSchema, type TokenJson } from '../contract/tokens.ts'
import { readApiTokens } from '../db/views/identity.ts'
import { toActor } from './caller.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { noBody, problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['tokens']
const cursor = createCursor('tokens', cursorNumber)

/** `/tokens`: API tokens of programs. */
export function registerTokens(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/tokens',
    {
      schema: {
        operationId: 'listTokens',
        summary: 'API tokens, the oldest first, revoked ones too; never their values',
        tags,
        querystring: pageQuerySchema,
        response: { 200: listSchema(tokenSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const page = await readApiTokens(app.db.read, { after: cursor.decode(query.cursor), limit: query.limit })
      return { items: page.items.map(toTokenJson), next: cursor.encode(page.next) }
    },
  )

  http.post(
    '/tokens',
    {
      schema: {
        operationId: 'createToken',
        summary: 'Create an API token; its value is told this once',
        tags,
        body: newTokenSchema,
        response: { 201: createdTokenSchema, ...problems(400, 401, 403) },
      },
    },
    async (request, reply) => {
      const { name, scope, expiresAt = null } = request.body
      const createdBy = request.caller === null ? null : toActor(request.caller).name
      const given = { name, scope, createdBy, expiresAt: expiresAt === null ? null : new Date(expiresAt) }
      const { value, ...token } = await createApiToken(app, given)
      request.logged = { target: token.name, details: { id: token.id, scope, expiresAt } }
      void reply.code(201)
      return { ...toTokenJson(token), value }
    },
  )

  http.delete(
    '/tokens/:id',
    {
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke an API token, for good',
        tags,
        params,
        response: { 204: noBody, ...problems(401, 403, 404) },
      },
    },
    async (request, reply) => {
      await revokeToken(app, request.params.id)
      return reply.code(204).send()
    },
  )
}

type ApiToken = Awaited<ReturnType<typeof readApiTokens>>['items'][number]

function toTokenJson({ id, name, scope, prefix, createdBy, createdAt, lastUsedAt, expiresAt, revoked }: ApiToken): TokenJson {
  const time = (ms: number) => new Date(ms).toISOString()
  const orNull = (ms: number | null) => (ms === null ? null : time(ms))
  return {
    id,
    name,
    scope,
    prefix,
    createdBy,
    createdAt: time(createdAt),
    lastUsedAt: orNull(lastUsedAt),
    expiresAt: orNull(expiresAt),
    revoked,
  }
}
