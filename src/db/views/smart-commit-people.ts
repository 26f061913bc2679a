import type { Reader } from '../database.ts'
import { listAliases, type AliasQuery, type SmartCommitAlias } from '../stores/smart-commit-aliases.ts'
import { findSmartCommitToken } from '../stores/smart-commit-tokens.ts'

/** Whose commits those of which addresses are, in the order of the addresses. */
export function readAliases(db: Reader, query: AliasQuery): Promise<SmartCommitAlias[]> {
  return listAliases(db, query)
}

/** Whether somebody stored a token, and whether it is used; never the token. null: there is none. */
export async function readOwnToken(db: Reader, userKey: string) {
  const token = await findSmartCommitToken(db, { userKey })
  return token === null ? null : { createdAt: token.createdAt, problem: token.problem }
}
