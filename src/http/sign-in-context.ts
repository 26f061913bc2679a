import type { FastifyReply, FastifyRequest } from 'fastify'
import { findSignedIn } from '../app/identity/sessions.ts'
import type { SessionJson } from '../contract/session.ts'
import { nameKey } from '../domain/identity.ts'
import type { Passwords } from '../lib/passwords.ts'
import { sourceOf, type AttemptLimit } from './attempt-limit.ts'
import type { RouteContext } from './http-app.ts'
import { toSessionJson } from './session-json.ts'
import type { SessionCookie } from './session-cookie.ts'

/** What the routes that begin a session work with. */
export interface SignInContext extends RouteContext {
  readonly cookie: SessionCookie
  readonly passwords: Passwords
  readonly version: string
  readonly attempts: { readonly bySource: AttemptLimit; readonly byName: AttemptLimit }
}

/** What a new session takes from the request: the old one of this browser ends. */
export function browserOf(request: FastifyRequest): { readonly userAgent: string | undefined; readonly replaces: string | null } {
  const { caller } = request
  return {
    userAgent: request.headers['user-agent'],
    replaces: caller?.kind === 'session' ? caller.signedIn.session.id : null,
  }
}

/** Counts a try by where it comes from and, where one is given, by the name; forgets it when it was right. */
export async function countAttempt<T>(
  { attempts }: SignInContext,
  { request, name }: { readonly request: FastifyRequest; readonly name?: string },
  work: () => Promise<T>,
): Promise<T> {
  const source = sourceOf(request.ip)
  attempts.bySource.take(source)
  if (name !== undefined) attempts.byName.take(nameKey(name))
  const result = await work()
  attempts.bySource.clear(source)
  if (name !== undefined) attempts.byName.clear(nameKey(name))
  return result
}

/** Counts what was begun by where it comes from; whoever finishes it, with `countAttempt`, is forgotten. */
export function countBegun({ attempts }: SignInContext, request: FastifyRequest): void {
  attempts.bySource.take(sourceOf(request.ip))
}

/** Gives the browser its new session, and tells what `GET /api/v1/session` would. */
export async function startSession(context: SignInContext, reply: FastifyReply, value: string): Promise<SessionJson> {
  context.cookie.set(reply, value)
  const signedIn = await findSignedIn(context.app, value)
  return toSessionJson(context, signedIn === null ? null : { kind: 'session', signedIn })
}
