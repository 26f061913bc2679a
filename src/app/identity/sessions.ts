import { createHash } from 'node:crypto'
import {
  addSession,
  deleteSession,
  deleteSessionsOf,
  findSession,
  listSessions,
  touchSession,
  type Session,
} from '../../db/stores/sessions.ts'
import type { Tx } from '../../db/database.ts'
import type { User, UserRole } from '../../domain/identity.ts'
import type { AppContext } from '../app-context.ts'
import { hashOfValue, makeRandomValue } from './random-value.ts'

const HOUR_MS = 60 * 60_000
/** Without a request. */
export const IDLE_MS = 8 * HOUR_MS
export const ABSOLUTE_MS = 7 * 24 * HOUR_MS
/** A session in use is written down this often. */
const TOUCH_MS = 60_000
const MAX_USER_AGENT = 200
const VALUE = /^[A-Za-z0-9_-]{43}$/

export interface SignedIn {
  readonly session: Session
  readonly user: User
  readonly csrfToken: string
}

export interface BeginSession {
  readonly user: User
  readonly role: UserRole
  readonly userAgent: string | undefined
  /** The session that the browser had until now: it ends. */
  readonly replaces: string | null
}

/** Begins a session under a value that was never known before, whatever the browser brought; only its hash is stored. */
export async function beginSession(
  app: Pick<AppContext, 'clock'>,
  tx: Tx,
  { user, role, userAgent, replaces }: BeginSession,
): Promise<string> {
  const value = makeRandomValue()
  const now = app.clock.now().getTime()
  if (replaces !== null) await deleteSession(tx, replaces)
  await addSession(tx, {
    idHash: hashOfValue(value),
    userId: user.id,
    role,
    now,
    expiresAt: now + ABSOLUTE_MS,
    userAgent: toShortLine(userAgent),
  })
  return value
}

/** Whose session a value is; null: nobody's, or it is over. Being asked for keeps it. */
export async function findSignedIn(app: Pick<AppContext, 'db' | 'clock'>, value: string): Promise<SignedIn | null> {
  if (!VALUE.test(value)) return null
  const found = await findSession(app.db.read, hashOfValue(value))
  const now = app.clock.now().getTime()
  if (found === null || found.session.expiresAt <= now || found.session.lastSeenAt <= now - IDLE_MS) return null
  if (now - found.session.lastSeenAt >= TOUCH_MS) {
    await app.db.write('interactive', (tx) => touchSession(tx, found.session.id, now))
  }
  return { ...found, csrfToken: csrfTokenOf(value) }
}

/** The sessions of a user that are not over. */
export function listOwnSessions(app: Pick<AppContext, 'db' | 'clock'>, userId: string): Promise<Session[]> {
  const now = app.clock.now().getTime()
  return listSessions(app.db.read, userId, { now, seenAfter: now - IDLE_MS })
}

export async function endSession({ db }: Pick<AppContext, 'db'>, id: string): Promise<void> {
  await db.write('interactive', (tx) => deleteSession(tx, id))
}

export async function deleteAllSessions({ db }: Pick<AppContext, 'db'>, userId: string): Promise<void> {
  await db.write('interactive', (tx) => deleteSessionsOf(tx, userId))
}

/** Follows from the session's value, which only the cookie holds, and tells nothing of it. */
export function csrfTokenOf(value: string): string {
  return createHash('sha256').update(`csrf:${value}`).digest('base64url')
}

function toShortLine(text: string | undefined): string | null {
  const line = (text ?? '').replaceAll(/[^\x20-\x7e]/g, '').slice(0, MAX_USER_AGENT)
  return line === '' ? null : line
}
