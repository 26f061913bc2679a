import { ConnectorError } from '../lib/connector-error.ts'

/** What of an account a target needs. */
export interface TargetAccount {
  readonly id: string
  readonly name: string
  readonly owner: string | null
  readonly resolvedOwner: { readonly path: string } | null
}

/** What `jira-dvcs sync` was asked for. */
export interface SyncTarget<A extends TargetAccount = TargetAccount> {
  readonly account: A
  /** Full path of one repository; null: all of the account. */
  readonly repository: string | null
}

/**
 * Reads `ACCOUNT` or `ACCOUNT/REPOSITORY`; null means every account.
 *
 * @throws ConnectorError `target-unknown`, `no-accounts`
 */
export function findTargets<A extends TargetAccount>(accounts: readonly A[], text: string | null): SyncTarget<A>[] {
  if (accounts.length === 0) {
    throw new ConnectorError('no-accounts', {
      userMessage: 'No account is configured.',
      remedy: 'Add one under "accounts" in the configuration file.',
    })
  }
  if (text === null) return accounts.map((account) => ({ account, repository: null }))
  const account = accounts.find(({ id }) => text === id || text.startsWith(`${id}/`))
  if (account === undefined) {
    throw new ConnectorError('target-unknown', {
      userMessage: `There is no account for "${text}".`,
      remedy: `Use ACCOUNT or ACCOUNT/REPOSITORY with one of the accounts ${accounts.map(({ id }) => id).join(', ')}.`,
    })
  }
  return [{ account, repository: text === account.id ? null : text.slice(account.id.length + 1) }]
}

/** Whether a repository's path is meant: in full, or without the account's owner before it, as it is called today. */
export function isTargeted({ account, repository }: SyncTarget, path: string): boolean {
  const owner = account.resolvedOwner?.path ?? account.owner ?? ''
  return repository === null || path === repository || path === `${owner}/${repository}`
}

/** The failure of a named repository that is not there after its account was listed, or not linked. */
export function targetUnmatched({ account, repository }: SyncTarget, isThere: boolean): ConnectorError {
  const { name } = account
  return new ConnectorError('target-unknown', {
    userMessage: isThere
      ? `The repository "${repository}" of ${name} is not linked.`
      : `${name} has no repository "${repository}", or the account leaves it out.`,
    remedy: isThere
      ? 'Link it first, on the page of the account.'
      : 'Check its path at the Git host, the owner of the account, its "include" and "exclude", and what its token may read.',
  })
}
