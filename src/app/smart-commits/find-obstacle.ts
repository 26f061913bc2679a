import { listKeysOfProject } from '../../db/stores/projects.ts'
import type { Account } from '../../domain/account.ts'
import type { Problem } from '../../domain/problem.ts'
import type { JiraIssueFacts } from '../../jira/issue-facts.ts'
import type { AppContext } from '../app-context.ts'
import type { AuthorProof } from './prove-author.ts'
import { trustFor, type ProjectTrust } from './trust.ts'

/** What is said of whose commits act where. */
export interface CommitRules {
  readonly account: Account
  readonly trust: ProjectTrust
  readonly proof: AuthorProof
}

/**
 * Why a command is not executed, whoever wrote it; null: nothing is in its way. What counts is the project that the issue is
 * in today: a key of the past leads there as well, and would else open what is closed. Rules that were made when the project
 * had another key are still of this project.
 *
 * @throws ConnectorError of the host, when it may say later whether it vouches for the author
 */
export async function findObstacle(
  app: Pick<AppContext, 'db'>,
  { issue, rules }: { readonly issue: Pick<JiraIssueFacts, 'project'>; readonly rules: CommitRules },
  signal: AbortSignal,
): Promise<Problem | null> {
  const { account, trust, proof } = rules
  const { id, key } = issue.project
  const otherKeys = await listKeysOfProject(app.db.read, id)
  const { jiraProjects } = account
  if (jiraProjects.length > 0 && ![key, ...otherKeys].some((one) => jiraProjects.includes(one))) {
    return {
      code: 'smart-commit-not-allowed',
      message: `The account ${account.name} is not meant for the project ${key}.`,
      remedy: 'The option jiraProjects of the account says which projects get its data.',
    }
  }
  switch (trustFor(account, trust, { key, otherKeys })) {
    case 'off':
      return { ...TRUST_OFF, message: `${TRUST_OFF.message} ${key}.` }
    case 'author':
      return null
    case 'verified':
      return (await proof.isProved(signal)) ? null : NOT_VERIFIED
  }
}

const TRUST_OFF: Problem = {
  code: 'smart-commit-not-allowed',
  message: 'Smart commits are switched off for issues of the project',
  remedy: 'The trust level of the account or of the project says so.',
}
const NOT_VERIFIED: Problem = {
  code: 'smart-commit-not-verified',
  message: 'The Git host did not verify a signature of the author, and only signed commits are trusted.',
  remedy: 'Sign commits with a key that the Git host knows as yours, for the address that they are written with.',
}
