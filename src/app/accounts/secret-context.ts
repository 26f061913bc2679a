import type { AccountId } from '../../domain/ids.ts'

export type SecretKind =
  | 'token'
  | 'webhook-admin-token'
  | 'webhook-secret'
  | 'oauth-client-secret'
  | 'oauth-pair'
  | 'oauth-verifier'

/** What a sealed secret of an account is bound to. */
export const secretContext = (id: AccountId, kind: SecretKind): string => `account:${id}:${kind}`
