import type { User } from '../../domain/identity.ts'
import type { Reader } from '../database.ts'
import { listAdminLog, type AdminLogEntry } from '../stores/admin-log.ts'
import { listApiTokens, type ApiToken } from '../stores/api-tokens.ts'
import { listUsers } from '../stores/users.ts'
import type { PageById } from './repositories.ts'

interface After {
  readonly after: number | null
  readonly limit: number
}

/** Users, the oldest first. */
export async function readUsers(db: Reader, { after, limit }: After): Promise<PageById<User>> {
  return toPage(await listUsers(db, { after: after ?? 0, limit: limit + 1 }), limit)
}

/** API tokens, the oldest first. */
export async function readApiTokens(db: Reader, { after, limit }: After): Promise<PageById<ApiToken>> {
  return toPage(await listApiTokens(db, { after: after ?? 0, limit: limit + 1 }), limit)
}

/** What administrators changed, newest first. */
export async function readAdminLog(
  db: Reader,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<PageById<AdminLogEntry>> {
  return toPage(await listAdminLog(db, { before, limit: limit + 1 }), limit)
}

function toPage<Item extends { readonly id: string }>(rows: readonly Item[], limit: number): PageById<Item> {
  const last = rows[limit - 1]
  return { items: rows.slice(0, limit), next: rows.length > limit && last !== undefined ? Number(last.id) : null }
}
