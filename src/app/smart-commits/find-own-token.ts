import { findSmartCommitToken } from '../../db/stores/smart-commit-tokens.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import type { AppContext } from '../app-context.ts'

/** Whether somebody stored a token, and why it is not used where it is not; never the token. null: there is none. */
export async function findOwnToken(
  app: AppContext,
  userKey: string,
): Promise<{ readonly createdAt: Date; readonly problem: Problem | null } | null> {
  const token = await findSmartCommitToken(app.db.read, { userKey })
  if (token === null) return null
  return { createdAt: token.createdAt, problem: token.problem ?? findSealProblem(app, token) }
}

/** So that people are told as soon as another address is connected, not with their next commit. */
function findSealProblem({ jira, personalTokens }: AppContext, owner: { userKey: string; tokenSealed: string }): Problem | null {
  if (jira === null) return null
  try {
    personalTokens.open({ userKey: owner.userKey, jira: jira.client.base }, owner.tokenSealed)
    return null
  } catch (error) {
    return toProblem(error)
  }
}
