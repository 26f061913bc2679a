import type { Reader, Tx } from '../database.ts'

/** Whose commits those of an e-mail address are, in Jira. */
export interface SmartCommitAlias {
  /** In lower case. */
  readonly email: string
  /** Jira's name of the user. */
  readonly userName: string
  /** Jira's key of the user for whom it was confirmed, or who asked; null: an earlier version did not store it. */
  readonly userKey: string | null
  /** asked: by the person themselves, without effect until an administrator confirms it. */
  readonly state: 'asked' | 'confirmed'
  readonly askedBy: string | null
  readonly createdAt: Date
  readonly confirmedBy: string | null
  readonly confirmedAt: Date | null
}

export interface AliasQuery {
  readonly state: SmartCommitAlias['state'] | null
  /** Only of this user, by the key that stays when they are renamed. */
  readonly userKey?: string
  /** Those after this address. */
  readonly after: string | null
  readonly limit: number
}

const COLUMNS = ['email', 'user_name', 'user_key', 'state', 'asked_by', 'created_at', 'confirmed_by', 'confirmed_at'] as const

/** Addresses in the order of the alphabet. */
export async function listAliases(db: Reader, { state, userKey, after, limit }: AliasQuery): Promise<SmartCommitAlias[]> {
  let select = db.selectFrom('smart_commit_aliases').select(COLUMNS).orderBy('email').limit(limit)
  if (state !== null) select = select.where('state', '=', state)
  if (userKey !== undefined) select = select.where('user_key', '=', userKey)
  if (after !== null) select = select.where('email', '>', after)
  return (await select.execute()).map(toAlias)
}

/** @param email in whatever case */
export async function findAlias(db: Reader, email: string): Promise<SmartCommitAlias | null> {
  const row = await db
    .selectFrom('smart_commit_aliases')
    .select(COLUMNS)
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst()
  return row === undefined ? null : toAlias(row)
}

/** By an administrator: it has effect from now on, in the place of what was there. */
export async function confirmAlias(
  tx: Tx,
  { email, userName, userKey, by, now }: { email: string; userName: string; userKey: string; by: string; now: number },
): Promise<void> {
  const confirmed = { user_name: userName, user_key: userKey, state: 'confirmed', confirmed_by: by, confirmed_at: now } as const
  await tx
    .insertInto('smart_commit_aliases')
    .values({ email: email.toLowerCase(), ...confirmed, asked_by: null, created_at: now })
    .onConflict((conflict) => conflict.column('email').doUpdateSet(confirmed))
    .execute()
}

/** By a person of Jira for themselves. False: the address is somebody's already, or asked for. */
export async function askForAlias(
  tx: Tx,
  { email, userName, userKey, now }: { email: string; userName: string; userKey: string; now: number },
): Promise<boolean> {
  const added = await tx
    .insertInto('smart_commit_aliases')
    .values({
      email: email.toLowerCase(),
      user_name: userName,
      user_key: userKey,
      state: 'asked',
      asked_by: userName,
      created_at: now,
      confirmed_by: null,
      confirmed_at: null,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst()
  return Number(added.numInsertedOrUpdatedRows ?? 0n) > 0
}

/** False: there is none. @param userKey only one of this user */
export async function deleteAlias(tx: Tx, email: string, userKey?: string): Promise<boolean> {
  let remove = tx.deleteFrom('smart_commit_aliases').where('email', '=', email.toLowerCase())
  if (userKey !== undefined) remove = remove.where('user_key', '=', userKey)
  return (await remove.executeTakeFirst()).numDeletedRows > 0n
}

interface Row {
  readonly email: string
  readonly user_name: string
  readonly user_key: string | null
  readonly state: SmartCommitAlias['state']
  readonly asked_by: string | null
  readonly created_at: number
  readonly confirmed_by: string | null
  readonly confirmed_at: number | null
}

function toAlias(row: Row): SmartCommitAlias {
  return {
    email: row.email,
    userName: row.user_name,
    userKey: row.user_key,
    state: row.state,
    askedBy: row.asked_by,
    createdAt: new Date(row.created_at),
    confirmedBy: row.confirmed_by,
    confirmedAt: row.confirmed_at === null ? null : new Date(row.confirmed_at),
  }
}
