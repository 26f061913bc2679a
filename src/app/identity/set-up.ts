import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addAdminLogEntry } from '../../db/stores/admin-log.ts'
import { hasSetupCode, replaceSetupCode, takeSetupCode } from '../../db/stores/setup-codes.ts'
import { addLocalUser, hasLocalUser } from '../../db/stores/users.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Passwords } from '../../lib/passwords.ts'
import type { AppContext } from '../app-context.ts'
import { hashOfValue, makeRandomValue } from './random-value.ts'
import { beginSession, type BeginSession } from './sessions.ts'

const VALID_MS = 60 * 60_000

/** Whether the first administrator is still to be made. People of Jira do not count: they come and go with Jira. */
export async function isSetupNeeded({ db }: Pick<AppContext, 'db'>): Promise<boolean> {
  return !(await hasLocalUser(db.read))
}

/**
 * Makes the set-up link of this start, valid for an hour and once; the one before is void. The code is in the fragment, which
 * browsers send to nobody: it stands in no log of a proxy.
 *
 * @returns null: there is an administrator already
 */
export async function makeSetupLink(app: Pick<AppContext, 'db' | 'clock' | 'settings'>): Promise<string | null> {
  if (!(await isSetupNeeded(app))) return null
  const code = makeRandomValue()
  const expiresAt = app.clock.now().getTime() + VALID_MS
  await app.db.write('interactive', (tx) => replaceSetupCode(tx, hashOfValue(code), expiresAt))
  return `${app.settings.serverUrl}/setup#${code}`
}

/** Where the link is put when no terminal shows it, readable by its owner alone. */
export async function writeSetupLink({ dataDir }: { readonly dataDir: string }, link: string): Promise<string> {
  const path = setupLinkPath(dataDir)
  // A file that is there keeps its mode when it is written to.
  await rm(path, { force: true })
  await writeFile(path, `${link}\n`, { mode: 0o600, flag: 'wx' })
  return path
}

export async function removeSetupLink({ dataDir }: { readonly dataDir: string }): Promise<void> {
  await rm(setupLinkPath(dataDir), { force: true })
}

const setupLinkPath = (dataDir: string) => join(dataDir, 'setup-link.txt')

export interface SetUp extends Pick<BeginSession, 'userAgent' | 'replaces'> {
  readonly code: string
  readonly name: string
  readonly displayName: string
  readonly password: string
  readonly passwords: Passwords
}

/**
 * Makes the first administrator and signs them in. Of several who come at once, one does.
 *
 * @returns the value of the new session
 * @throws ConnectorError `setup-done`, `setup-code-refused`
 */
export async function setUp(app: AppContext, given: SetUp, signal: AbortSignal): Promise<string> {
  const { code, name, displayName, password, passwords, ...browser } = given
  const codeHash = hashOfValue(code)
  const now = app.clock.now().getTime()
  if (!(await isSetupNeeded(app))) throw setupDone()
  if (!(await hasSetupCode(app.db.read, codeHash, now))) throw codeRefused()
  const passwordHash = await passwords.hash(password, signal)
  const value = await app.db.write('interactive', async (tx) => {
    if (await hasLocalUser(tx)) throw setupDone()
    if (!(await takeSetupCode(tx, codeHash, now))) throw codeRefused()
    const user = await addLocalUser(tx, { name, displayName, passwordHash, now })
    if (user === null) throw setupDone()
    await addAdminLogEntry(tx, {
      at: now,
      actor: { kind: 'anonymous', name: null },
      action: 'setUp',
      target: user.name,
      details: {},
    })
    return beginSession(app, tx, { user, role: 'administrator', ...browser })
  })
  await removeSetupLink(app.settings)
  app.log.info({ user: name }, 'first administrator made')
  return value
}

function setupDone(): ConnectorError {
  return new ConnectorError('setup-done', {
    userMessage: 'The connector is set up already: it has an administrator.',
    remedy: 'Sign in, or let an administrator add you.',
  })
}

function codeRefused(): ConnectorError {
  return new ConnectorError('setup-code-refused', {
    userMessage: 'The set-up link is not valid: it is not the newest one, was used, or is older than an hour.',
    remedy: 'Start the connector again: it prints a new one.',
  })
}
