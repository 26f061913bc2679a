import { deleteAllSessions, endSession, listOwnSessions } from '../app/identity/sessions.ts'
import { signInLocally } from '../app/identity/sign-in-locally.ts'
import { signInWithJira } from '../app/identity/sign-in-with-jira.ts'
import { listSchema } from '../contract/page.ts'
import { jiraTokenSignInSchema, ownSessionSchema, sessionSchema, signInSchema, type OwnSessionJson } from '../contract/session.ts'
import type { Caller } from './caller.ts'
import type { HttpApp } from './http-app.ts'
import { noBody, problems } from './responses.ts'
import { checkSignInRequest } from './same-origin.ts'
import { toSessionJson } from './session-json.ts'
import { browserOf, countAttempt, startSession, type SignInContext } from './sign-in-context.ts'

const tags = ['session']
const anyone = { access: 'anyone' } as const
const person = { access: 'person' } as const

/** `/session` and `/sessions`: sign-in, sign-out, and the caller's own sessions. */
export function registerSession(http: HttpApp, context: SignInContext): void {
  http.get(
    '/session',
    {
      config: anyone,
      schema: {
        operationId: 'getSession',
        summary: 'Who is signed in, and the ways to sign in',
        tags,
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      // A cookie that stands for nothing any more would be sent for days.
      if (request.caller === null && context.cookie.read(request) !== null) context.cookie.clear(reply)
      return toSessionJson(context, request.caller)
    },
  )
  registerSignIns(http, context)
  registerOwnSessions(http, context)
  registerSignOut(http, context)
}

function registerSignIns(http: HttpApp, context: SignInContext): void {
  const { app, closing, passwords } = context
  const onRequest = (request: Parameters<typeof checkSignInRequest>[0]) => {
    checkSignInRequest(request, app.settings.serverUrl)
    return Promise.resolve()
  }
  http.post(
    '/session',
    {
      config: anyone,
      onRequest,
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with a name and a password',
        tags,
        body: signInSchema,
        response: { 200: sessionSchema, ...problems(400, 401, 403, 415, 429) },
      },
    },
    async (request, reply) => {
      const { name } = request.body
      const given = { ...request.body, ...browserOf(request), passwords }
      return startSession(
        context,
        reply,
        await countAttempt(context, { request, name }, () => signInLocally(app, given, closing)),
      )
    },
  )

  http.post(
    '/session/jira-token',
    {
      config: anyone,
      onRequest,
      schema: {
        operationId: 'signInWithJiraToken',
        summary: 'Sign in with a personal access token of Jira, which is used once and not stored',
        tags,
        body: jiraTokenSignInSchema,
        response: { 200: sessionSchema, ...problems(400, 401, 403, 404, 415, 429, 502, 503) },
      },
    },
    async (request, reply) => {
      const given = { credentials: request.body, ...browserOf(request) }
      return startSession(context, reply, await countAttempt(context, { request }, () => signInWithJira(app, given, closing)))
    },
  )
}

function registerOwnSessions(http: HttpApp, { app }: SignInContext): void {
  http.get(
    '/sessions',
    {
      config: person,
      schema: {
        operationId: 'listOwnSessions',
        summary: 'Your own sessions, newest first',
        tags,
        response: { 200: listSchema(ownSessionSchema), ...problems(401) },
      },
    },
    async ({ caller }) => {
      if (caller?.kind !== 'session') return { items: [], next: null }
      const { user, session } = caller.signedIn
      const sessions = await listOwnSessions(app, user.id)
      return { items: sessions.map((one) => toOwnSessionJson(one, session.id)), next: null }
    },
  )
}

function registerSignOut(http: HttpApp, { app, cookie }: SignInContext): void {
  http.delete(
    '/session',
    {
      config: person,
      schema: { operationId: 'signOut', summary: 'Sign out', tags, response: { 204: noBody, ...problems(401, 403) } },
    },
    async ({ caller }, reply) => {
      if (caller?.kind === 'session') await endSession(app, caller.signedIn.session.id)
      cookie.clear(reply)
      return reply.code(204).send()
    },
  )

  http.delete(
    '/sessions',
    {
      config: person,
      schema: {
        operationId: 'signOutEverywhere',
        summary: 'End all of your own sessions',
        tags,
        response: { 204: noBody, ...problems(401, 403) },
      },
    },
    async ({ caller }, reply) => {
      if (caller?.kind === 'session') await deleteAllSessions(app, caller.signedIn.user.id)
      cookie.clear(reply)
      return reply.code(204).send()
    },
  )
}

type OwnSession = Extract<Caller, { kind: 'session' }>['signedIn']['session']

function toOwnSessionJson({ id, createdAt, lastSeenAt, expiresAt, userAgent }: OwnSession, current: string): OwnSessionJson {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id,
    current: id === current,
    createdAt: time(createdAt),
    lastSeenAt: time(lastSeenAt),
    expiresAt: time(expiresAt),
    userAgent,
  }
}
