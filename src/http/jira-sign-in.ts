import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { beginByApplicationLink, callbackOf, finishByApplicationLink } from '../app/identity/application-link-sign-in.ts'
import { readJiraSignIn } from '../app/identity/jira-sign-in-way.ts'
import { makeRandomValue } from '../app/identity/random-value.ts'
import { findSignedIn } from '../app/identity/sessions.ts'
import { jiraSignInOff, signInWithJira, type JiraSignIn } from '../app/identity/sign-in-with-jira.ts'
import { toProblem } from '../domain/problem.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { isOneOfSecrets } from '../lib/secret-compare.ts'
import { createBegunCookie, SIGN_IN_MINUTES, type BegunSignIn } from './begun-sign-in.ts'
import type { HttpApp } from './http-app.ts'
import { readQuery, sendPage } from './page.ts'
import { statusOf } from './problem-status.ts'
import { countAttempt, countBegun, type SignInContext } from './sign-in-context.ts'

/**
 * `/sign-in/jira`: people sign in with their account of Jira, by OAuth 2.0 (authorization code with PKCE) or by an application
 * link of OAuth 1.0a, whichever is in force.
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
  const cookie = createBegunCookie(context)
  return {
    /** Where to send the browser: to Jira. */
    async begin(request: FastifyRequest, reply: FastifyReply): Promise<string> {
      const { way } = await readJiraSignIn(app)
      const { begun, address } = await beginAt(context, request, way)
      const next = toOwnPath(readQuery(request.raw.url ?? '').get('next'))
      cookie.set(reply, { ...begun, next, expiresAt: app.clock.now().getTime() + SIGN_IN_MINUTES * 60_000 })
      return address.href
    },
    /** Where to send the browser: to the page that it wanted, signed in. */
    async finish(request: FastifyRequest, reply: FastifyReply): Promise<string> {
      const answer = readQuery(request.raw.url ?? '')
      const begun = cookie.read(request)
      cookie.clear(reply)
      return countAttempt(context, { request }, async () => {
        if (begun === null) throw notBegun()
        const credentials = await finishAt(context, begun, answer)
        const before = context.cookie.read(request)
        const replaces = before === null ? null : ((await findSignedIn(app, before))?.session.id ?? null)
        const value = await signInWithJira(app, { credentials, userAgent: request.headers['user-agent'], replaces }, closing)
        context.cookie.set(reply, value)
        return `${app.settings.serverUrl}${begun.next}`
      })
    },
  }
}

type WithoutPage<T> = T extends unknown ? Omit<T, 'next' | 'expiresAt'> : never
interface Beginning {
  readonly begun: WithoutPage<BegunSignIn>
  readonly address: URL
}

async function beginAt(context: SignInContext, request: FastifyRequest, way: BegunSignIn['way'] | null): Promise<Beginning> {
  const { app, closing } = context
  switch (way) {
    case null:
      throw jiraSignInOff()
    case 'oauth-2': {
      const oauth = app.jira?.oauth
      if (oauth === undefined) throw jiraSignInOff()
      const begun = { way, state: makeRandomValue(), verifier: makeRandomValue() } as const
      // RFC 7636, method S256.
      const codeChallenge = createHash('sha256').update(begun.verifier).digest('base64url')
      return { begun, address: oauth.authorizationUrl({ redirectUri: callbackOf(app), state: begun.state, codeChallenge }) }
    }
    case 'application-link': {
      // Jira is asked already here, for whoever comes: not for ever, unless sign-ins are finished.
      countBegun(context, request)
      const { requestToken, address } = await beginByApplicationLink(context, closing)
      return { begun: { way, requestToken }, address }
    }
  }
}

async function finishAt(context: SignInContext, begun: BegunSignIn, answer: URLSearchParams): Promise<JiraSignIn['credentials']> {
  const { app, closing } = context
  switch (begun.way) {
    case 'oauth-2': {
      if (!isOneOfSecrets(answer.get('state') ?? '', [begun.state])) throw notBegun()
      const oauth = app.jira?.oauth
      if (oauth === undefined) throw jiraSignInOff()
      const asked = { answer, state: begun.state, redirectUri: callbackOf(app), codeVerifier: begun.verifier }
      return { token: await oauth.exchangeCode(asked, closing) }
    }
    case 'application-link':
      // OAuth 1.0a has no state; the request token, which Jira made for this sign-in alone, is as good.
      if (!isOneOfSecrets(answer.get('oauth_token') ?? '', [begun.requestToken])) throw notBegun()
      return finishByApplicationLink(context, { requestToken: begun.requestToken, answer }, closing)
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
    userMessage: `This sign-in was not begun in this browser, or more than ${SIGN_IN_MINUTES} minutes ago.`,
    remedy: 'Begin it again, and follow it in one browser to its end.',
  })
}
