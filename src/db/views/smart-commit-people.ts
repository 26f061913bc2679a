import type { Reader } from '../database.ts'
import { listAliases, type AliasQuery, type SmartCommitAlias } from '../stores/smart-commit-aliases.ts'

/** Whose commits those of which addresses are, in the order of the addresses. */
export function readAliases(db: Reader, query: AliasQuery): Promise<SmartCommitAlias[]> {
  return listAliases(db, query)
}
