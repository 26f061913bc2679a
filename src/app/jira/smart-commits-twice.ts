import type { Account } from '../../domain/account.ts'
import type { Problem } from '../../domain/problem.ts'
import type { AppContext } from '../app-context.ts'
import { findBuiltInAccounts, isKindOf, toOrigin } from './built-in-connector.ts'

/**
 * Smart commits of an account that Jira's built-in connector executes as well, by what it was last found to have; null: none.
 */
export async function findSmartCommitsTwice(
  { db, jiraAccess }: Pick<AppContext, 'db' | 'jiraAccess'>,
  account: Pick<Account, 'smartCommits' | 'url' | 'owner' | 'resolvedOwner' | 'host'>,
): Promise<Problem | null> {
  const jira = jiraAccess.describe()
  if (!account.smartCommits || jira === null) return null
  const builtIn = await findBuiltInAccounts(db.read, jira.url)
  const same = builtIn.find(
    ({ host, url, name, smartCommits }) =>
      smartCommits && isKindOf(host, account.host) && url === toOrigin(account.url) && isOwner(account, name),
  )
  if (same === undefined) return null
  return {
    code: 'smart-commits-twice',
    message: `Jira's built-in connector has smart commits on for ${same.name} at ${same.url ?? same.host} too: what a commit commands would be done twice.`,
    remedy: "Switch smart commits off there (Jira's administration, DVCS accounts), or for this account.",
  }
}

/**
 * Of all that a token can read, whatever is at that host; else the same group, or one below or above. The other connector
 * may go by a name that the group had before.
 */
function isOwner({ owner, resolvedOwner }: Pick<Account, 'owner' | 'resolvedOwner'>, name: string): boolean {
  if (owner === null) return true
  return [owner, resolvedOwner?.path ?? owner].some((path) => isSameOrWithin(path, name) || isSameOrWithin(name, path))
}

function isSameOrWithin(path: string, above: string): boolean {
  return `${path.toLowerCase()}/`.startsWith(`${above.toLowerCase()}/`)
}
