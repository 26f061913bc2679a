import { addApiToken, findApiToken, revokeApiToken, touchApiToken, type ApiToken } from '../../db/stores/api-tokens.ts'
import type { TokenScope } from '../../domain/identity.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { hashOfValue, makeRandomValue } from './random-value.ts'

/** So that scanners of leaked secrets know them. */
const MARK = 'jdvcs_'
const SHOWN_CHARACTERS = MARK.length + 6
const TOUCH_MS = 60_000
const VALUE = /^jdvcs_[A-Za-z0-9_-]{43}$/

type Parts = Pick<AppContext, 'db' | 'clock'>

export interface NewToken {
  readonly name: string
  readonly scope: TokenScope
  readonly createdBy: string | null
  readonly expiresAt: Date | null
}

/**
 * Makes an API token. Its value is told here and never again.
 *
 * @throws ConnectorError `expiry-past`
 */
export async function createApiToken(
  app: Parts,
  { name, scope, createdBy, expiresAt }: NewToken,
): Promise<ApiToken & { value: string }> {
  const createdAt = app.clock.now().getTime()
  if (expiresAt !== null && expiresAt.getTime() <= createdAt) {
    throw new ConnectorError('expiry-past', {
      userMessage: `The API token would expire at ${expiresAt.toISOString()}, which is past.`,
      remedy: 'Give a later time, or none.',
    })
  }
  const value = `${MARK}${makeRandomValue()}`
  const token = { name, scope, createdBy, createdAt, prefix: value.slice(0, SHOWN_CHARACTERS) }
  const stored = await app.db.write('interactive', (tx) =>
    addApiToken(tx, { ...token, expiresAt: expiresAt?.getTime() ?? null, valueHash: hashOfValue(value) }),
  )
  return { ...stored, value }
}

/** The token of this value, if it is still good; that it was used is written down once a minute. */
export async function findGoodToken(app: Parts, value: string): Promise<ApiToken | null> {
  if (!VALUE.test(value)) return null
  const token = await findApiToken(app.db.read, hashOfValue(value))
  const now = app.clock.now().getTime()
  if (token === null || token.revoked || (token.expiresAt !== null && token.expiresAt <= now)) return null
  if (token.lastUsedAt === null || now - token.lastUsedAt >= TOUCH_MS) {
    await app.db.write('interactive', (tx) => touchApiToken(tx, token.id, now))
  }
  return token
}

/** @throws ConnectorError `token-not-found` */
export async function revokeToken(app: Parts, id: string): Promise<void> {
  if (await app.db.write('interactive', (tx) => revokeApiToken(tx, id))) return
  throw new ConnectorError('token-not-found', {
    userMessage: `There is no API token "${id}" that could be revoked.`,
    remedy: 'See the list of API tokens.',
  })
}
