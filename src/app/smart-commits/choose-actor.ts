import { findSmartCommitToken, refuseSmartCommitToken, type SmartCommitToken } from '../../db/stores/smart-commit-tokens.ts'
import { toProblem } from '../../domain/problem.ts'
import type { SmartCommitActor } from '../../domain/smart-commit-record.ts'
import type { JiraClient } from '../../jira/client.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import type { SmartCommitAuthor } from './find-author.ts'
import type { AuthorProof } from './prove-author.ts'

/** Whose credentials act in Jira. */
export interface Actor {
  readonly kind: SmartCommitActor
  readonly client: JiraClient
  /** The author's own; null: the connector's. */
  readonly token: SmartCommitToken | null
}

/** The connector's own user, who says in whose name it acts. */
export const connectorOf = (jira: JiraConnection): Actor => ({ kind: 'connector', client: jira.client, token: null })

/**
 * The author themselves, where they stored a token and the Git host vouches that the commit is theirs: anybody can write
 * any address into a commit. Whose the token is, is asked again, because names of Jira move from one person to another.
 *
 * @throws ConnectorError when Jira or the host cannot be asked now
 */
export async function chooseActor(
  app: AppContext,
  { jira, author, proof }: { jira: JiraConnection; author: SmartCommitAuthor; proof: AuthorProof },
  signal: AbortSignal,
): Promise<Actor> {
  const token = await findSmartCommitToken(app.db.read, { userName: author.name })
  if (token === null || token.problem !== null || !(await proof.isProved(signal))) return connectorOf(jira)
  try {
    const auth = { token: app.personalTokens.open({ userKey: token.userKey, jira: jira.client.base }, token.tokenSealed) }
    const owner = await jira.client.getPerson(auth, signal)
    if (owner.userKey !== token.userKey || owner.name !== author.name) return connectorOf(jira)
    return { kind: 'author', client: jira.clientOf(auth), token }
  } catch (error) {
    if (!isTokenRefused(error)) throw error
    await noteRefused(app, token, error)
    return connectorOf(jira)
  }
}

/** The credentials are worth nothing: nothing was done with them. */
export function isTokenRefused(error: unknown): boolean {
  const codes = ['jira-credentials-refused', 'jira-anonymous', 'jira-captcha', 'secret-unreadable']
  return isConnectorError(error) && codes.includes(error.code)
}

export async function noteRefused(app: AppContext, token: SmartCommitToken, error: unknown): Promise<void> {
  app.log.info({ user: token.userName }, 'own token of an author was refused')
  await app.db.write('background', (tx) => refuseSmartCommitToken(tx, token, toProblem(error)))
}
