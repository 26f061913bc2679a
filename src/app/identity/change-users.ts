import { deleteSessionsOf } from '../../db/stores/sessions.ts'
import {
  addLocalUser,
  changeUser,
  countEnabledLocalUsers,
  deleteUser,
  findLocalUser,
  findUser,
  lockLocalUsers,
} from '../../db/stores/users.ts'
import type { Reader, Tx } from '../../db/database.ts'
import type { User } from '../../domain/identity.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Passwords } from '../../lib/passwords.ts'
import type { AppContext } from '../app-context.ts'
import { removeSetupLink } from './set-up.ts'

type Parts = Pick<AppContext, 'db' | 'clock' | 'settings'>

export interface NewUser {
  readonly name: string
  readonly displayName: string
  readonly password: string
}

/**
 * Adds a local user, who is an administrator.
 *
 * @throws ConnectorError `user-exists`
 */
export async function addUser(
  app: Parts,
  { user: { name, displayName, password }, passwords }: { readonly user: NewUser; readonly passwords: Passwords },
  signal: AbortSignal,
): Promise<User> {
  const passwordHash = await passwords.hash(password, signal)
  const now = app.clock.now().getTime()
  const user = await app.db.write('interactive', (tx) => addLocalUser(tx, { name, displayName, passwordHash, now }))
  if (user === null) {
    throw new ConnectorError('user-exists', {
      userMessage: `There is a user "${name}" already; names are the same in any case.`,
      remedy: 'Choose another name, or change that user.',
    })
  }
  // With an administrator the set-up link is void.
  await removeSetupLink(app.settings)
  return user
}

export interface UserChange {
  readonly id: string
  readonly displayName?: string | undefined
  readonly disabled?: boolean | undefined
  readonly password?: string | undefined
  readonly currentPassword?: string | undefined
  /** The session of whoever asks; null: no session. */
  readonly by: { readonly userId: string; readonly sessionId: string } | null
  readonly passwords: Passwords
}

/**
 * Changes a user. A new password, and being disabled, ends the user's sessions, but not the one that asks.
 *
 * @throws ConnectorError `user-not-found`, `user-of-jira`, `password-wrong`, `last-administrator`
 */
export async function changeUserBy(app: Parts, change: UserChange, signal: AbortSignal): Promise<User> {
  const { id, displayName, disabled, password, by, passwords } = change
  const before = await getUser(app.db.read, id)
  if (password !== undefined) await checkPasswordChange(app, { before, change }, signal)
  const passwordHash = password === undefined ? undefined : await passwords.hash(password, signal)
  return app.db.write('interactive', async (tx) => {
    await lockLocalUsers(tx)
    await getUser(tx, id)
    await changeUser(tx, id, { displayName, disabled, passwordHash })
    if (disabled === true) await keepAnAdministrator(tx, before)
    if (passwordHash !== undefined || disabled === true) {
      await deleteSessionsOf(tx, id, by?.userId === id && disabled !== true ? by.sessionId : null)
    }
    return getUser(tx, id)
  })
}

async function checkPasswordChange(
  app: Parts,
  { before, change }: { readonly before: User; readonly change: UserChange },
  signal: AbortSignal,
): Promise<void> {
  if (before.source === 'jira') {
    throw new ConnectorError('user-of-jira', {
      userMessage: `"${before.name}" signs in through Jira and has no password here.`,
      remedy: 'Change it in Jira.',
    })
  }
  // Whoever finds an open browser must not take the account over.
  if (change.by?.userId !== before.id) return
  const stored = await findLocalUser(app.db.read, before.name)
  const right = await change.passwords.verify(change.currentPassword ?? '', stored?.passwordHash ?? null, signal)
  if (right) return
  throw new ConnectorError('password-wrong', {
    userMessage: 'The current password is wrong or missing.',
    remedy: 'Give it as "currentPassword".',
  })
}

/**
 * Deletes a user and ends their sessions.
 *
 * @throws ConnectorError `user-not-found`, `last-administrator`
 */
export async function removeUser(app: Pick<AppContext, 'db'>, id: string): Promise<User> {
  return app.db.write('interactive', async (tx) => {
    await lockLocalUsers(tx)
    const user = await getUser(tx, id)
    await deleteUser(tx, id)
    await keepAnAdministrator(tx, user)
    await deleteSessionsOf(tx, id)
    return user
  })
}

/** After the change, under the lock: of two who remove each other at once the second is refused. */
async function keepAnAdministrator(tx: Tx, { source, name }: User): Promise<void> {
  if (source !== 'local' || (await countEnabledLocalUsers(tx)) > 0) return
  throw new ConnectorError('last-administrator', {
    userMessage: `"${name}" is the last administrator who can sign in with a password.`,
    remedy: 'Add another one first.',
  })
}

async function getUser(db: Reader, id: string): Promise<User> {
  const user = await findUser(db, id)
  if (user !== null) return user
  throw new ConnectorError('user-not-found', { userMessage: `There is no user "${id}".`, remedy: 'See the list of users.' })
}
