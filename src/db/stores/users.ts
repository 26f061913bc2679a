import { sql } from 'kysely'
import { nameKey, type User } from '../../domain/identity.ts'
import type { Reader, Tx } from '../database.ts'

const COLUMNS = ['id', 'name', 'display_name', 'source', 'jira_user_key', 'created_at', 'disabled'] as const

interface Row {
  readonly id: number
  readonly name: string
  readonly display_name: string
  readonly source: User['source']
  readonly jira_user_key: string | null
  readonly created_at: number
  readonly disabled: 0 | 1
}

export function toUser(row: Row): User {
  return {
    id: String(row.id),
    name: row.name,
    displayName: row.display_name,
    source: row.source,
    jiraUserKey: row.jira_user_key,
    createdAt: new Date(row.created_at),
    disabled: row.disabled === 1,
  }
}

/** Ids are opaque to callers: what is no number is nobody. */
export async function findUser(db: Reader, id: string): Promise<User | null> {
  if (!/^[0-9]{1,15}$/.test(id)) return null
  const row = await db.selectFrom('users').select(COLUMNS).where('id', '=', Number(id)).executeTakeFirst()
  return row === undefined ? null : toUser(row)
}

/** A local user by name, any case, with what their password is checked against. */
export async function findLocalUser(db: Reader, name: string): Promise<(User & { readonly passwordHash: string | null }) | null> {
  const row = await db
    .selectFrom('users')
    .select([...COLUMNS, 'password_hash'])
    .where('source', '=', 'local')
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst()
  return row === undefined ? null : { ...toUser(row), passwordHash: row.password_hash }
}

/** Whether somebody may sign in with a password; else the set-up is open. */
export async function hasLocalUser(db: Reader): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('source', '=', 'local').limit(1).executeTakeFirst()
  return row !== undefined
}

/** Local users who are not disabled: one of them must stay. */
export async function countEnabledLocalUsers(db: Reader): Promise<number> {
  const row = await db
    .selectFrom('users')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('source', '=', 'local')
    .where('disabled', '=', 0)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Makes others who would change local users wait for the end of this transaction. */
export async function lockLocalUsers(tx: Tx): Promise<void> {
  await tx
    .updateTable('users')
    .set((e) => ({ disabled: e.ref('disabled') }))
    .where('source', '=', 'local')
    .execute()
}

/** By id; `after` is the id of the page before. */
export async function listUsers(db: Reader, page: { readonly after: number; readonly limit: number }): Promise<User[]> {
  const rows = await db.selectFrom('users').select(COLUMNS).where('id', '>', page.after).orderBy('id').limit(page.limit).execute()
  return rows.map(toUser)
}

export interface NewLocalUser {
  readonly name: string
  readonly displayName: string
  readonly passwordHash: string
  readonly now: number
}

/** null: there is a local user of this name, in any case. */
export async function addLocalUser(tx: Tx, { name, displayName, passwordHash, now }: NewLocalUser): Promise<User | null> {
  const row = await tx
    .insertInto('users')
    .values({
      name,
      name_key: nameKey(name),
      display_name: displayName,
      source: 'local',
      password_hash: passwordHash,
      jira_user_key: null,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('name_key').where(sql.ref('source'), '=', sql.lit('local')).doNothing())
    .returning(COLUMNS)
    .executeTakeFirst()
  return row === undefined ? null : toUser(row)
}

/** Somebody of Jira, with the names that they have there today. */
export async function saveJiraUser(
  tx: Tx,
  person: { readonly userKey: string; readonly name: string; readonly displayName: string; readonly now: number },
): Promise<User> {
  const names = { name: person.name, name_key: nameKey(person.name), display_name: person.displayName }
  const row = await tx
    .insertInto('users')
    .values({ ...names, source: 'jira', password_hash: null, jira_user_key: person.userKey, created_at: person.now })
    .onConflict((conflict) => conflict.column('jira_user_key').doUpdateSet(names))
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  return toUser(row)
}

export interface UserChanges {
  readonly displayName?: string | undefined
  readonly disabled?: boolean | undefined
  readonly passwordHash?: string | undefined
}

export async function changeUser(tx: Tx, id: string, { displayName, disabled, passwordHash }: UserChanges): Promise<void> {
  const values = {
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(disabled === undefined ? {} : { disabled: disabled ? (1 as const) : (0 as const) }),
    ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
  }
  if (Object.keys(values).length === 0) return
  await tx.updateTable('users').set(values).where('id', '=', Number(id)).execute()
}

export async function deleteUser(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('users').where('id', '=', Number(id)).execute()
}
