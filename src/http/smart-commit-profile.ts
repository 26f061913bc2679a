import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { askForAuthor, removeAuthor, removeOwnToken, storeOwnToken } from '../app/smart-commits/change-authors.ts'
import { findOwnToken } from '../app/smart-commits/find-own-token.ts'
import {
  emailSchema,
  ownAliasSchema,
  ownTokenSchema,
  smartCommitAliasSchema,
  smartCommitProfileSchema,
  type SmartCommitProfileJson,
} from '../contract/smart-commit.ts'
import { readAliases } from '../db/views/smart-commit-people.ts'
import { readSmartCommits } from '../db/views/smart-commits.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { noBody, problems } from './responses.ts'
import { toAliasJson, toSmartCommitJsons } from './smart-commit-json.ts'

const tags = ['smart commits']
const config = { access: 'person' } as const
const RECENT = 20
const MOST_ALIASES = 200

/** `/profile/smart-commits`: what somebody of Jira who signed in sees and says of themselves as an author. */
export function registerSmartCommitProfile(http: HttpApp, context: RouteContext): void {
  registerReading(http, context)
  registerOwnAliases(http, context)
  registerOwnToken(http, context)
}

function registerReading(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/profile/smart-commits',
    {
      config,
      schema: {
        operationId: 'getSmartCommitProfile',
        summary: 'Which commits are yours, and what became of the newest ones',
        tags,
        response: { 200: smartCommitProfileSchema, ...problems(401, 409) },
      },
    },
    (request) => readProfile(app, personOf(request)),
  )
}

async function readProfile(app: RouteContext['app'], person: JiraCaller): Promise<SmartCommitProfileJson> {
  const aliases = await readAliases(app.db.read, { state: null, userKey: person.userKey, after: null, limit: MOST_ALIASES })
  const token = await findOwnToken(app, person.userKey)
  const { items } = await readSmartCommits(app.db.read, { before: null, limit: RECENT, userKey: person.userKey })
  return {
    user: person.userName,
    aliases: aliases.map(toAliasJson),
    ownToken: token === null ? null : { createdAt: token.createdAt.toISOString(), problem: token.problem },
    recent: await toSmartCommitJsons(app, items),
  }
}

function registerOwnAliases(http: HttpApp, { app }: RouteContext): void {
  http.post(
    '/profile/smart-commits/aliases',
    {
      config,
      schema: {
        operationId: 'askForSmartCommitAlias',
        summary: 'Say that commits of an address are yours; an administrator confirms it',
        tags,
        body: ownAliasSchema,
        response: { 202: smartCommitAliasSchema, ...problems(400, 401, 403, 409) },
      },
    },
    async (request, reply) => {
      const { userName, userKey } = personOf(request)
      const { email } = request.body
      request.logged = { target: email }
      void reply.code(202)
      return toAliasJson(await askForAuthor(app, { email, userName, userKey }))
    },
  )

  http.delete(
    '/profile/smart-commits/aliases/:email',
    {
      config,
      schema: {
        operationId: 'takeBackSmartCommitAlias',
        summary: 'Say that commits of an address are not yours',
        tags,
        params: z.object({ email: emailSchema }),
        response: { 204: noBody, ...problems(400, 401, 403, 404, 409) },
      },
    },
    async (request, reply) => {
      await removeAuthor(app, request.params.email, personOf(request).userKey)
      request.logged = { target: request.params.email }
      void reply.code(204)
    },
  )
}

function registerOwnToken(http: HttpApp, { app, closing }: RouteContext): void {
  http.put(
    '/profile/smart-commits/token',
    {
      config,
      schema: {
        operationId: 'storeSmartCommitToken',
        summary: 'Let the connector act in Jira with a token of yours, where the Git host verified the signature of your commit',
        tags,
        body: ownTokenSchema,
        response: { 204: noBody, ...problems(400, 401, 403, 409, 502, 503) },
      },
    },
    async (request, reply) => {
      const { userKey } = personOf(request)
      await storeOwnToken(app, { userKey, token: request.body.token }, closing)
      void reply.code(204)
    },
  )

  http.delete(
    '/profile/smart-commits/token',
    {
      config,
      schema: {
        operationId: 'removeSmartCommitToken',
        summary: 'Forget the token that you stored',
        tags,
        response: { 204: noBody, ...problems(401, 403, 404, 409) },
      },
    },
    async (request, reply) => {
      await removeOwnToken(app, personOf(request).userKey)
      void reply.code(204)
    },
  )
}

interface JiraCaller {
  readonly userKey: string
  readonly userName: string
}

/** @throws ConnectorError `jira-person-needed` */
function personOf({ caller }: FastifyRequest): JiraCaller {
  const user = caller?.kind === 'session' ? caller.signedIn.user : null
  if (user !== null && user.jiraUserKey !== null) return { userKey: user.jiraUserKey, userName: user.name }
  throw new ConnectorError('jira-person-needed', {
    userMessage: 'Only people who signed in with their account of Jira write smart commits of their own.',
    remedy: 'Sign in through Jira.',
  })
}
