import { findLocalUser } from '../../db/stores/users.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Passwords } from '../../lib/passwords.ts'
import type { AppContext } from '../app-context.ts'
import { beginSession, type BeginSession } from './sessions.ts'

export interface LocalSignIn extends Pick<BeginSession, 'userAgent' | 'replaces'> {
  readonly name: string
  readonly password: string
  readonly passwords: Passwords
}

/**
 * Signs a local user in. Unknown names, disabled users and wrong passwords give one answer after the same work.
 *
 * @returns the value of the new session
 * @throws ConnectorError `sign-in-refused`
 */
export async function signInLocally(
  app: AppContext,
  { name, password, passwords, ...browser }: LocalSignIn,
  signal: AbortSignal,
): Promise<string> {
  const user = await findLocalUser(app.db.read, name)
  const stored = user === null || user.disabled ? null : user.passwordHash
  const right = await passwords.verify(password, stored, signal)
  if (!right || user === null) throw signInRefused()
  const value = await app.db.write('interactive', async (tx) => {
    // Disabled, deleted, or given another password while this one was looked at.
    const now = await findLocalUser(tx, name)
    if (now === null || now.disabled || now.passwordHash !== stored) throw signInRefused()
    return beginSession(app, tx, { user: now, role: 'administrator', ...browser })
  })
  app.log.info({ user: user.name }, 'signed in')
  return value
}

export function signInRefused(): ConnectorError {
  return new ConnectorError('sign-in-refused', {
    userMessage: 'The name or the password is wrong.',
    remedy: 'Try again. A command on the machine of the connector makes another administrator: "jira-dvcs user add".',
  })
}
