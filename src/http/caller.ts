import type { SignedIn } from '../app/identity/sessions.ts'
import { namedAsker, type Asker } from '../domain/asker.ts'
import type { Actor, TokenScope } from '../domain/identity.ts'

/** Who sent a request. */
export type Caller =
  /** A command on this machine, through the socket in the data folder. */
  | { readonly kind: 'local' }
  /** A program; `name` null: with the token of the configuration. */
  | { readonly kind: 'token'; readonly scope: TokenScope; readonly name: string | null }
  /** A person in a browser. */
  | { readonly kind: 'session'; readonly signedIn: SignedIn }

/**
 * For whom a route is. Absent: for administrators, and those who may read for GET.
 *
 * - `anyone`: nobody is refused
 * - `person`: whoever is signed in, and tokens as far as they go
 * - `issue`: viewers too, for the issues that Jira lets them see (`issue-access.ts`)
 * - `metrics`: tokens of that scope too
 */
export type Access = 'anyone' | 'person' | 'issue' | 'metrics'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who was let in; null: nobody was asked for a sign-in or a token. */
    caller: Caller | null
    /** What the journal of administrators tells of this request beside its route; see `admin-log-hook.ts`. */
    logged: { readonly target?: string; readonly details?: Readonly<Record<string, unknown>> } | null
  }
  interface FastifyContextConfig {
    access?: Access
  }
}

/** Methods that change nothing. */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** `shown`: go on; `hidden`: as if the address did not exist; `read-only`: it is there, but not for writing. */
export type Admission = 'shown' | 'hidden' | 'read-only'

export function admit(caller: Caller, access: Access | undefined, method: string): Admission {
  switch (caller.kind) {
    case 'local':
      return 'shown'
    case 'session':
      if (caller.signedIn.session.role === 'administrator') return 'shown'
      return access === 'anyone' || access === 'person' || access === 'issue' ? 'shown' : 'hidden'
    case 'token':
      return admitToken(caller.scope, access, method)
  }
}

function admitToken(scope: TokenScope, access: Access | undefined, method: string): Admission {
  if (access === 'anyone') return 'shown'
  switch (scope) {
    case 'admin':
      return 'shown'
    case 'read':
      return isReading(method) ? 'shown' : 'read-only'
    case 'metrics':
      return access === 'metrics' ? 'shown' : 'hidden'
  }
}

/** The caller as whoever asks for a synchronisation. */
export function toAsker(caller: Caller | null): Asker | null {
  if (caller === null) return null
  const { kind, name } = toActor(caller)
  if (kind === 'local' || kind === 'anonymous') return 'local'
  return name === null ? 'token' : namedAsker(kind, name)
}

/** The caller as people should read it beside what they changed; null: nobody in particular. */
export function toCallerName(caller: Caller | null): string | null {
  if (caller === null) return null
  const { kind, name } = toActor(caller)
  if (kind === 'local' || kind === 'anonymous') return 'a command on the machine'
  return kind === 'token' ? `the API token ${name ?? 'of the configuration'}` : name
}

/** The caller as whoever changes something. */
export function toActor(caller: Caller): Actor {
  switch (caller.kind) {
    case 'local':
      return { kind: 'local', name: null }
    case 'token':
      return { kind: 'token', name: caller.name }
    case 'session': {
      const { source, name } = caller.signedIn.user
      return { kind: source === 'local' ? 'user' : 'jira-user', name }
    }
  }
}
