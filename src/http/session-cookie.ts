import '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ABSOLUTE_MS } from '../app/identity/sessions.ts'

/** The cookie that holds the value of a session. */
export interface SessionCookie {
  readonly name: string
  /** null: the browser sends none. */
  read(request: FastifyRequest): string | null
  set(reply: FastifyReply, value: string): void
  clear(reply: FastifyReply): void
}

/**
 * Its attributes follow from the public address: over https it never travels without TLS, and without a path in the address
 * no neighbouring host can plant one (`__Host-`, RFC 6265bis). Scripts cannot read it. Lax, not Strict: a link from Jira to an
 * issue's page must find the person signed in; changes are guarded by `same-origin.ts`.
 */
export function createSessionCookie(serverUrl: string): SessionCookie {
  const { protocol, pathname } = new URL(serverUrl)
  const secure = protocol === 'https:'
  const path = pathname === '/' ? '/' : pathname.replace(/\/+$/, '')
  const prefix = secure ? (path === '/' ? '__Host-' : '__Secure-') : ''
  const name = `${prefix}jira-dvcs`
  const attributes = { path, secure, httpOnly: true, sameSite: 'lax' } as const
  return {
    name,
    read: (request) => request.server.parseCookie(request.headers.cookie ?? '')[name] ?? null,
    set: (reply, value) => void reply.setCookie(name, value, { ...attributes, maxAge: ABSOLUTE_MS / 1000 }),
    clear: (reply) => void reply.clearCookie(name, attributes),
  }
}
