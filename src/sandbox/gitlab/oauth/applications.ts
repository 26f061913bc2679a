import { randomBytes } from 'node:crypto'
import type { World } from '../state.ts'
import type { OAuthApplication } from './oauth-state.ts'

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
