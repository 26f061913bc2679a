import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { makeRandomValue } from '../app/identity/random-value.ts'
import { findSignedIn } from '../app/identity/sessions.ts'
import { jiraSignInOff, signInWithJira } from '../app/identity/sign-in-with-jira.ts'
import { toProblem } from '../domain/problem.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { isOneOfSecrets } from '../lib/secret-compare.ts'
import type { HttpApp } from './http-app.ts'
import { readQuery, sendPage } from './page.ts'
import { statusOf } from './problem-status.ts'
import { countAttempt, type SignInContext } from './sign-in-context.ts'

const MINUTES = 10
const COOKIE_CONTEXT = 'jira-sign-in'
const begunSchema = z.object({ state: z.string(), verifier: z.string(), next: z.string(), expiresAt: z.number() })
type Begun = z.infer<typeof begunSchema>

/**
 * `/sign-in/jira`: people sign in with their account of Jira (OAuth 2.0, authorization code with PKCE). What was begun is kept
 * in a sealed cookie of ten minutes, so that only the browser that began it can finish it.
 */
export function registerJiraSignIn(http: HttpApp, context: SignInContext): void {
  const steps = createSteps(context)
  for (const [path, step] of [
    ['/sign-in/jira', steps.begin],
    ['/sign-in/jira/callback', steps.finish],
  ] as const) {
    http.get(path, { schema: { hide: true }, exposeHeadRoute: false }, async (request, reply) => {
      try {
        return await reply
          .code(302)
          .header('location', await step(request, reply))
          .send()
      } catch (error) {
        if (!isConnectorError(error)) context.log.error({ requestId: request.id, cause: error }, 'sign-in through jira failed')
        const { code, message, remedy } = toProblem(error)
        const text = [message, remedy].filter((part) => part !== null).join(' ')
        return sendPage(reply, { status: statusOf(code), title: 'Not signed in', text })
      }
    })
  }
}

function createSteps(context: SignInContext) {
  const { app, closing } = context
  const redirectUri = `${app.settings.serverUrl}/sign-in/jira/callback`
  const cookie = createBegunCookie(context)
  return {
    /** Where to send the browser: to Jira. */
    begin(request: FastifyRequest, reply: FastifyReply): Promise<string> {
      const oauth = app.jira?.oauth
      if (oauth === undefined) throw jiraSignInOff()
      const begun: Begun = {
        state: makeRandomValue(),
        verifier: makeRandomValue(),
        next: toOwnPath(readQuery(request.raw.url ?? '').get('next')),
        expiresAt: app.clock.now().getTime() + MINUTES * 60_000,
      }
      cookie.set(reply, begun)
      // RFC 7636, method S256.
      const codeChallenge = createHash('sha256').update(begun.verifier).digest('base64url')
      return Promise.resolve(oauth.authorizationUrl({ redirectUri, state: begun.state, codeChallenge }).href)
    },
    /** Where to send the browser: to the page that it wanted, signed in. */
    async finish(request: FastifyRequest, reply: FastifyReply): Promise<string> {
      const oauth = app.jira?.oauth
      if (oauth === undefined) throw jiraSignInOff()
      const answer = readQuery(request.raw.url ?? '')
      const begun = cookie.read(request)
      cookie.clear(reply)
      return countAttempt(context, { request }, async () => {
        const now = app.clock.now().getTime()
        if (begun === null || begun.expiresAt <= now || !isOneOfSecrets(answer.get('state') ?? '', [begun.state]))
          throw notBegun()
        const asked = { answer, state: begun.state, redirectUri, codeVerifier: begun.verifier }
        const token = await oauth.exchangeCode(asked, closing)
        const before = context.cookie.read(request)
        const replaces = before === null ? null : ((await findSignedIn(app, before))?.session.id ?? null)
        const value = await signInWithJira(app, { token, userAgent: request.headers['user-agent'], replaces }, closing)
        context.cookie.set(reply, value)
        return `${app.settings.serverUrl}${begun.next}`
      })
    },
  }
}

function createBegunCookie({ app, secretBox }: SignInContext) {
  const { protocol, pathname } = new URL(app.settings.serverUrl)
  const secure = protocol === 'https:'
  const path = `${pathname.replace(/\/+$/, '')}/sign-in/jira`
  const name = `${secure ? '__Secure-' : ''}jira-dvcs-sign-in`
  const attributes = { path, secure, httpOnly: true, sameSite: 'lax' } as const
  return {
    set: (reply: FastifyReply, begun: Begun) => {
      const sealed = secretBox.seal(JSON.stringify(begun), COOKIE_CONTEXT)
      void reply.setCookie(name, sealed, { ...attributes, maxAge: MINUTES * 60 })
    },
    read(request: FastifyRequest): Begun | null {
      const sealed = request.server.parseCookie(request.headers.cookie ?? '')[name]
      if (sealed === undefined) return null
      try {
        return begunSchema.parse(JSON.parse(secretBox.open(sealed, COOKIE_CONTEXT)))
      } catch (error) {
        // Another key, or something that a browser made up.
        if (isConnectorError(error, 'secret-unreadable')) return null
        throw error
      }
    },
    clear: (reply: FastifyReply) => void reply.clearCookie(name, attributes),
  }
}

/** A path of ours, whatever was asked for: never another site, also not by `//`, `\` or a scheme. */
export function toOwnPath(next: string | null): string {
  const start = '/'
  if (next === null || next.length > 2_000 || !/^\/[\x21-\x7e]*$/.test(next) || next.includes('\\')) return start
  const here = 'http://here.invalid'
  const url = URL.parse(next, here)
  if (url === null || url.origin !== here || url.pathname.startsWith('//')) return start
  return `${url.pathname}${url.search}${url.hash}`
}

function notBegun(): ConnectorError {
  return new ConnectorError('sign-in-expired', {
    userMessage: `This sign-in was not begun in this browser, or more than ${MINUTES} minutes ago.`,
    remedy: 'Begin it again, and follow it in one browser to its end.',
  })
}
