import type { TokenScope } from '../../domain/identity.ts'
import type { Reader, Tx } from '../database.ts'

export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly scope: TokenScope
  /** How its value begins. */
  readonly prefix: string
  readonly createdBy: string | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
  /** null: it does not expire. */
  readonly expiresAt: number | null
  readonly revoked: boolean
}

const COLUMNS = ['id', 'name', 'scope', 'prefix', 'created_by', 'created_at', 'last_used_at', 'expires_at', 'revoked'] as const

interface Row {
  readonly id: number
  readonly name: string
  readonly scope: TokenScope
  readonly prefix: string
  readonly created_by: string | null
  readonly created_at: number
  readonly last_used_at: number | null
  readonly expires_at: number | null
  readonly revoked: 0 | 1
}

function toApiToken(row: Row): ApiToken {
  return {
    id: String(row.id),
    name: row.name,
    scope: row.scope,
    prefix: row.prefix,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    revoked: row.revoked === 1,
  }
}

export type NewApiToken = Pick<ApiToken, 'name' | 'scope' | 'prefix' | 'createdBy' | 'createdAt' | 'expiresAt'> & {
  /** SHA-256 of the value. */
  readonly valueHash: string
}

export async function addApiToken(tx: Tx, token: NewApiToken): Promise<ApiToken> {
  const row = await tx
    .insertInto('api_tokens')
    .values({
      name: token.name,
      scope: token.scope,
      value_hash: token.valueHash,
      prefix: token.prefix,
      created_by: token.createdBy,
      created_at: token.createdAt,
      last_used_at: null,
      expires_at: token.expiresAt,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  return toApiToken(row)
}

export async function findApiToken(db: Reader, valueHash: string): Promise<ApiToken | null> {
  const row = await db.selectFrom('api_tokens').select(COLUMNS).where('value_hash', '=', valueHash).executeTakeFirst()
  return row === undefined ? null : toApiToken(row)
}

/** By id, revoked ones too; `after` is the id of the page before. */
export async function listApiTokens(db: Reader, page: { readonly after: number; readonly limit: number }): Promise<ApiToken[]> {
  const select = db.selectFrom('api_tokens').select(COLUMNS).where('id', '>', page.after)
  return (await select.orderBy('id').limit(page.limit).execute()).map(toApiToken)
}

export async function touchApiToken(tx: Tx, id: string, now: number): Promise<void> {
  await tx.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', Number(id)).execute()
}

/** False: there is none, or it was revoked before. Ids are opaque to callers: what is no number is none. */
export async function revokeApiToken(tx: Tx, id: string): Promise<boolean> {
  if (!/^[0-9]{1,15}$/.test(id)) return false
  const result = await tx
    .updateTable('api_tokens')
    .set({ revoked: 1 })
    .where('id', '=', Number(id))
    .where('revoked', '=', 0)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}
