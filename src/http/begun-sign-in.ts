import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isConnectorError } from '../lib/connector-error.ts'
import type { SignInContext } from './sign-in-context.ts'

/** A sign-in at Jira is finished within this time, or begun again. */
export const SIGN_IN_MINUTES = 10
const COOKIE_CONTEXT = 'jira-sign-in'

const shared = { next: z.string(), expiresAt: z.number() }
const begunSchema = z.discriminatedUnion('way', [
  z.object({ way: z.literal('oauth-2'), state: z.string(), verifier: z.string(), ...shared }),
  z.object({ way: z.literal('application-link'), requestToken: z.string(), ...shared }),
])

/** What must be known again when the browser comes back from Jira. */
export type BegunSignIn = z.infer<typeof begunSchema>

/** Keeps what was begun in a sealed cookie of ten minutes: whatever node it comes back to, only that browser can finish it. */
export interface BegunCookie {
  set(reply: FastifyReply, begun: BegunSignIn): void
  /** null: there is none, it is too old, or it was not made here. */
  read(request: FastifyRequest): BegunSignIn | null
  clear(reply: FastifyReply): void
}

export function createBegunCookie({ app, secretBox }: Pick<SignInContext, 'app' | 'secretBox'>): BegunCookie {
  const { protocol, pathname } = new URL(app.settings.serverUrl)
  const secure = protocol === 'https:'
  const path = `${pathname.replace(/\/+$/, '')}/sign-in/jira`
  const name = `${secure ? '__Secure-' : ''}jira-dvcs-sign-in`
  const attributes = { path, secure, httpOnly: true, sameSite: 'lax' } as const

  function open(sealed: string): BegunSignIn | null {
    try {
      const begun = begunSchema.safeParse(JSON.parse(secretBox.open(sealed, COOKIE_CONTEXT)))
      // What an earlier version began has another shape.
      return begun.success ? begun.data : null
    } catch (error) {
      // Another key, or something that a browser made up.
      if (isConnectorError(error, 'secret-unreadable')) return null
      throw error
    }
  }

  return {
    set: (reply, begun) => {
      const sealed = secretBox.seal(JSON.stringify(begun), COOKIE_CONTEXT)
      void reply.setCookie(name, sealed, { ...attributes, maxAge: SIGN_IN_MINUTES * 60 })
    },
    read(request) {
      const sealed = request.server.parseCookie(request.headers.cookie ?? '')[name]
      const begun = sealed === undefined ? null : open(sealed)
      return begun !== null && begun.expiresAt > app.clock.now().getTime() ? begun : null
    },
    clear: (reply) => void reply.clearCookie(name, attributes),
  }
}
