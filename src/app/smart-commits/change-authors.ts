import {
  askForAlias,
  confirmAlias,
  deleteAlias,
  findAlias,
  listAliases,
  type SmartCommitAlias,
} from '../../db/stores/smart-commit-aliases.ts'
import { deleteSmartCommitToken, saveSmartCommitToken } from '../../db/stores/smart-commit-tokens.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { findJiraUser } from './find-author.ts'
import { saveProjectTrust, type ProjectTrust } from './trust.ts'

/**
 * An administrator says whose commits those of an address are.
 *
 * @throws ConnectorError `smart-commit-author-unknown` Jira has no such active user, or another has the name of who asked; `jira-not-connected`; those of Jira
 */
export async function confirmAuthor(
  app: AppContext,
  { email, userName, by }: { email: string; userName: string; by: string },
  signal: AbortSignal,
): Promise<SmartCommitAlias> {
  const found = await findJiraUser(getJira(app).client, userName, signal)
  if ('problem' in found)
    throw new ConnectorError('smart-commit-author-unknown', {
      userMessage: found.problem.message,
      ...(found.problem.remedy === null ? {} : { remedy: found.problem.remedy }),
    })
  const now = app.clock.now().getTime()
  const { name, userKey } = found.author
  const asked = await findAlias(app.db.read, email)
  if (asked?.state === 'asked' && asked.userName === name && asked.userKey !== null && asked.userKey !== userKey)
    throw new ConnectorError('smart-commit-author-unknown', {
      userMessage: `The Jira user ${name} is another than the one who asked for the address ${email}.`,
      remedy: 'Remove the entry; whoever has the address asks again.',
    })
  await app.db.write('interactive', (tx) => confirmAlias(tx, { email, userName: name, userKey, by, now }))
  return getAlias(app, email)
}

/** @throws ConnectorError `smart-commit-alias-not-found` @param userKey only one of this user */
export async function removeAuthor(app: AppContext, email: string, userKey?: string): Promise<void> {
  const removed = await app.db.write('interactive', (tx) => deleteAlias(tx, email, userKey))
  if (!removed) throw aliasNotFound(email)
}

/** Somebody has a handful of addresses. */
const MOST_ASKED = 20

/**
 * A person says that commits of an address are theirs. It has no effect until an administrator confirms it: else anybody
 * could take the commits of others for themselves.
 *
 * @throws ConnectorError `smart-commit-alias-taken` it is somebody's, or asked for by somebody; `smart-commit-aliases-too-many`
 */
export async function askForAuthor(
  app: AppContext,
  { email, userName, userKey }: { email: string; userName: string; userKey: string },
): Promise<SmartCommitAlias> {
  const now = app.clock.now().getTime()
  const added = await app.db.write('interactive', async (tx) => {
    const own = await listAliases(tx, { state: 'asked', userKey, after: null, limit: MOST_ASKED })
    if (own.length === MOST_ASKED && !own.some((alias) => alias.email === email.toLowerCase())) throw tooManyAsked()
    return askForAlias(tx, { email, userName, userKey, now })
  })
  const alias = await getAlias(app, email)
  if (added || alias.userKey === userKey) return alias
  throw new ConnectorError('smart-commit-alias-taken', {
    userMessage: `The address ${email} was asked for already, or belongs to somebody.`,
    remedy: 'Ask an administrator of the connector.',
  })
}

/**
 * A person stores a token of theirs, with which the connector acts as them where the Git host vouches for their commits.
 *
 * @throws ConnectorError `jira-credentials-refused` and others of Jira; `smart-commit-token-of-another` it is not theirs
 */
export async function storeOwnToken(
  app: AppContext,
  { userKey, token }: { userKey: string; token: string },
  signal: AbortSignal,
): Promise<void> {
  const { client } = getJira(app)
  const owner = await client.getPerson({ token }, signal)
  if (owner.userKey !== userKey) {
    throw new ConnectorError('smart-commit-token-of-another', {
      userMessage: 'The token belongs to somebody else.',
      remedy: 'Make one in your own profile in Jira.',
    })
  }
  const tokenSealed = app.personalTokens.seal({ userKey, jira: client.base }, token)
  const now = app.clock.now().getTime()
  await app.db.write('interactive', (tx) => saveSmartCommitToken(tx, { userKey, userName: owner.name, tokenSealed, now }))
}

/** @throws ConnectorError `smart-commit-token-not-found` */
export async function removeOwnToken(app: AppContext, userKey: string): Promise<void> {
  if (await app.db.write('interactive', (tx) => deleteSmartCommitToken(tx, userKey))) return
  throw new ConnectorError('smart-commit-token-not-found', { userMessage: 'You have stored no token.' })
}

export async function setProjectTrust(app: AppContext, levels: ProjectTrust): Promise<void> {
  await app.db.write('interactive', (tx) => saveProjectTrust(tx, levels))
}

async function getAlias(app: AppContext, email: string): Promise<SmartCommitAlias> {
  const alias = await findAlias(app.db.read, email)
  if (alias === null) throw aliasNotFound(email)
  return alias
}

function tooManyAsked(): ConnectorError {
  return new ConnectorError('smart-commit-aliases-too-many', {
    userMessage: `${MOST_ASKED} addresses that you asked for are not confirmed yet.`,
    remedy: 'Take some back, or ask an administrator of the connector.',
  })
}

function aliasNotFound(email: string): ConnectorError {
  return new ConnectorError('smart-commit-alias-not-found', { userMessage: `Nothing is said about the address ${email}.` })
}

function getJira(app: AppContext) {
  if (app.jira !== null) return app.jira
  throw new ConnectorError('jira-not-connected', { userMessage: 'No Jira is connected.', remedy: 'Connect one first.' })
}
