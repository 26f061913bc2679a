/**
 * The token with which an account reads at its host. Asked for at every call and never kept: a long synchronisation
 * outlives the token that it began with.
 */
export interface HostToken {
  /** OAuth tokens travel in another header than personal, group and project access tokens. */
  readonly kind: 'access-token' | 'oauth'
  /**
   * The token of now, renewed first when it is about to expire.
   *
   * @throws ConnectorError `sign-in-needed` when only a person can get a new one, those of the network while the host is
   *   away, `account-changed` when the account was moved to another address meanwhile
   */
  get(signal: AbortSignal): Promise<string>
  /** After the host refused `refused`: the token that took its place, or a new one; null: there is no other. */
  renew(refused: string, signal: AbortSignal): Promise<string | null>
}

/** A token that stays as it is. */
export function fixedToken(value: string): HostToken {
  return { kind: 'access-token', get: () => Promise.resolve(value), renew: () => Promise.resolve(null) }
}
