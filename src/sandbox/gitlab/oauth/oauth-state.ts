import type { Token, User } from '../model.ts'

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
  /** Every token given out so far. */
  readonly given: string[]
  /** null: nobody is signed in, so the page asks for a sign-in. */
  browser: OAuthBrowser | null
}

export function createOAuthState(): OAuthState {
  return { applications: new Map(), codes: new Map(), grants: new Map(), given: [], browser: null }
}
