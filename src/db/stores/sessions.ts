import type { User, UserRole } from '../../domain/identity.ts'
import type { Reader, Tx } from '../database.ts'
import { toUser } from './users.ts'

export interface Session {
  readonly id: string
  readonly role: UserRole
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly userAgent: string | null
}

export interface NewSession {
  /** SHA-256 of what the cookie holds. */
  readonly idHash: string
  readonly userId: string
  readonly role: UserRole
  readonly now: number
  readonly expiresAt: number
  readonly userAgent: string | null
}

export async function addSession(tx: Tx, session: NewSession): Promise<void> {
  await tx
    .insertInto('sessions')
    .values({
      id_hash: session.idHash,
      user_id: Number(session.userId),
      role: session.role,
      created_at: session.now,
      last_seen_at: session.now,
      expires_at: session.expiresAt,
      user_agent: session.userAgent,
    })
    .execute()
}

const COLUMNS = ['sessions.id', 'role', 'sessions.created_at', 'last_seen_at', 'expires_at', 'user_agent'] as const

interface Row {
  readonly id: number
  readonly role: UserRole
  readonly created_at: number
  readonly last_seen_at: number
  readonly expires_at: number
  readonly user_agent: string | null
}

function toSession(row: Row): Session {
  return {
    id: String(row.id),
    role: row.role,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
  }
}

/** A session with whose it is, whether it is over or not; null: there is none, or its user is disabled. */
export async function findSession(db: Reader, idHash: string): Promise<{ session: Session; user: User } | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      ...COLUMNS,
      'users.id as user_id',
      'name',
      'display_name',
      'source',
      'jira_user_key',
      'disabled',
      'users.created_at as user_created_at',
    ])
    .where('id_hash', '=', idHash)
    .where('disabled', '=', 0)
    .executeTakeFirst()
  if (row === undefined) return null
  return { session: toSession(row), user: toUser({ ...row, id: row.user_id, created_at: row.user_created_at }) }
}

/** Those of one user that are not over, newest first. */
export async function listSessions(
  db: Reader,
  userId: string,
  { now, seenAfter }: { readonly now: number; readonly seenAfter: number },
): Promise<Session[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(COLUMNS)
    .where('user_id', '=', Number(userId))
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenAfter)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toSession)
}

export async function touchSession(tx: Tx, id: string, now: number): Promise<void> {
  await tx.updateTable('sessions').set({ last_seen_at: now }).where('id', '=', Number(id)).execute()
}

export async function deleteSession(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('sessions').where('id', '=', Number(id)).execute()
}

/** All of a user's, but the one that is named. */
export async function deleteSessionsOf(tx: Tx, userId: string, except: string | null = null): Promise<void> {
  let remove = tx.deleteFrom('sessions').where('user_id', '=', Number(userId))
  if (except !== null) remove = remove.where('id', '!=', Number(except))
  await remove.execute()
}

/** Deletes those that are over. */
export async function pruneSessions(
  tx: Tx,
  { now, seenAfter }: { readonly now: number; readonly seenAfter: number },
): Promise<void> {
  await tx
    .deleteFrom('sessions')
    .where((e) => e.or([e('expires_at', '<=', now), e('last_seen_at', '<=', seenAfter)]))
    .execute()
}
