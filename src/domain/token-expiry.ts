import type { Problem } from './problem.ts'

/** When the host stops accepting a token; for tokens that tell about themselves. */
export interface TokenExpiry {
  readonly credential: 'token' | 'webhook-admin-token'
  /** From this moment on it is refused; null: never, or not told. */
  readonly expiresAt: Date | null
}

/** Days ahead at which people are told. */
export const EXPIRY_NOTICES: readonly number[] = [1, 7, 30]

const DAY_MS = 24 * 60 * 60_000

/** The notice that is due: 30, 7 or 1 days ahead, 0 from the expiry on; null: none yet. */
export function findNotice({ expiresAt }: TokenExpiry, now: Date): number | null {
  if (expiresAt === null) return null
  const days = (expiresAt.getTime() - now.getTime()) / DAY_MS
  if (days <= 0) return 0
  return EXPIRY_NOTICES.find((notice) => days <= notice) ?? null
}

/** What to tell people about a token; null: nothing yet. */
export function toExpiryProblem(expiry: TokenExpiry, now: Date): Problem | null {
  const { credential, expiresAt } = expiry
  const notice = findNotice(expiry, now)
  if (notice === null || expiresAt === null) return null
  const what = credential === 'token' ? 'The token of this account' : 'The token for webhooks (webhookAdminToken)'
  const day = expiresAt.toISOString().slice(0, 10)
  const remedy =
    credential === 'token'
      ? 'Create its successor with the same scopes at the Git host and enter it.'
      : 'Create its successor with the scope api at the Git host and enter it.'
  if (notice === 0) return { code: 'token-expired', message: `${what} expired on ${day}.`, remedy }
  const days = Math.ceil((expiresAt.getTime() - now.getTime()) / DAY_MS)
  return { code: 'token-expires', message: `${what} expires on ${day}, in ${days === 1 ? 'a day' : `${days} days`}.`, remedy }
}
