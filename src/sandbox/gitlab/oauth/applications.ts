import { randomBytes } from 'node:crypto'
import type { Token, User } from '../model.ts'
import type { World } from '../state.ts'

/** An OAuth application as an administrator, a group's owner or a user registers it. */
export interface OAuthApplication {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
}

/** A code under way: given out by the authorization page, exchanged once. */
export interface OAuthCode {
  readonly application: OAuthApplication
  readonly userId: number
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly challenge: string | null
  readonly expiresAt: Date
  used: boolean
}

/** A pair of tokens; a new one takes its place at every refresh. */
export interface OAuthGrant {
  readonly application: OAuthApplication
  readonly access: Token
  readonly refreshToken: string
}

/** What the person in front of the authorization page does. */
export interface OAuthBrowser {
  readonly user: User
  readonly decision: 'approve' | 'deny'
}

export interface OAuthState {
  readonly applications: Map<string, OAuthApplication>
  readonly codes: Map<string, OAuthCode>
  /** By refresh token; only those that are still accepted. */
  readonly grants: Map<string, OAuthGrant>
  /** null: nobody is signed in, so the page asks for a sign-in. */
  browser: OAuthBrowser | null
}

export function createOAuthState(): OAuthState {
  return { applications: new Map(), codes: new Map(), grants: new Map(), browser: null }
}

export interface NewApplication {
  readonly redirectUris: readonly string[]
  readonly scopes?: readonly string[]
  /** Default: a random one. */
  readonly clientSecret?: string
}

export function addApplication({ state }: World, input: NewApplication): OAuthApplication {
  const application: OAuthApplication = {
    clientId: randomBytes(32).toString('hex'),
    clientSecret: input.clientSecret ?? `gloas-${randomBytes(32).toString('hex')}`,
    redirectUris: input.redirectUris,
    scopes: input.scopes ?? ['read_api', 'read_repository'],
  }
  state.oauth.applications.set(application.clientId, application)
  return application
}

/** What "Revoke" on the user's page of authorized applications does: all tokens end. */
export function revokeAuthorizations({ state }: World, { clientId }: OAuthApplication): void {
  for (const [refreshToken, { application, access }] of state.oauth.grants) {
    if (application.clientId !== clientId) continue
    access.revoked = true
    state.oauth.grants.delete(refreshToken)
  }
}

/** Deletes an application together with its tokens. */
export function deleteApplication(world: World, application: OAuthApplication): void {
  revokeAuthorizations(world, application)
  world.state.oauth.applications.delete(application.clientId)
}
