import { findAlias, type SmartCommitAlias } from '../../db/stores/smart-commit-aliases.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import type { SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { JiraClient } from '../../jira/client.ts'
import { resolveAuthor } from '../../jira/resolve-author.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from '../delivery/jira-connection.ts'
import { ensureJiraWorks } from '../identity/ensure-same-jira.ts'

/** Who acts, as Jira knows them. */
export interface SmartCommitAuthor {
  /** Stays when they are renamed. */
  readonly userKey: string
  readonly name: string
  readonly displayName: string
}

export type FoundAuthor = { readonly author: SmartCommitAuthor } | { readonly problem: Problem }

/**
 * The user of Jira whose commit it is: of a confirmed alias, else the one whose e-mail address the commit carries.
 *
 * @throws ConnectorError when Jira as a whole fails
 */
export async function findAuthor(
  app: AppContext,
  { jira, commit }: { jira: JiraConnection; commit: Pick<SmartCommitRecord, 'author'> },
  signal: AbortSignal,
): Promise<FoundAuthor> {
  const { name, email } = commit.author
  const alias = email === null ? null : await findAlias(app.db.read, email)
  try {
    if (alias?.state === 'confirmed') return await findConfirmed(jira.client, alias, signal)
    const resolved = await resolveAuthor(jira.client, { name, email: email ?? '' }, signal)
    return resolved.kind === 'found' ? { author: resolved.user } : { problem: resolved.problem }
  } catch (error) {
    // The connector's user may not look for people: waiting does not help, and other commits are not to wait for it.
    if (isConnectorError(error, 'jira-permission-missing')) return { problem: toProblem(error) }
    // The address may be such that Jira cannot search for it: no other answer is to be expected.
    const refused = isConnectorError(error, 'jira-refused') || isConnectorError(error, 'jira-unexpected-answer')
    if (!refused || error.retryable || signal.aborted) throw error
    await ensureJiraWorks(app, jira, signal)
    return { problem: toProblem(error) }
  }
}

/** Names are given anew: whoever has that of a confirmed alias today need not be whom it was confirmed for. */
async function findConfirmed(client: JiraClient, alias: SmartCommitAlias, signal: AbortSignal): Promise<FoundAuthor> {
  const found = await findJiraUser(client, alias.userName, signal)
  if ('problem' in found || alias.userKey === null || found.author.userKey === alias.userKey) return found
  return {
    problem: {
      code: 'smart-commit-author-unknown',
      message: `The Jira user ${alias.userName} is another than the one for whom the address ${alias.email} was confirmed.`,
      remedy: 'An administrator of the connector confirms the address again, under Settings > Smart commits.',
    },
  }
}

/** An active user of this name. */
export async function findJiraUser(client: JiraClient, name: string, signal: AbortSignal): Promise<FoundAuthor> {
  const found = await client.visibility.findUsers(name, signal)
  const user = found.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (user?.active === true) return { author: user }
  return {
    problem: {
      code: 'smart-commit-author-unknown',
      message: user === undefined ? `Jira has no user of the name "${name}".` : `The Jira user ${user.name} is inactive.`,
      remedy: 'Use the user name of an active user, as Jira shows it in their profile.',
    },
  }
}
