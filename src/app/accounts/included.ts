import { matchesGlob } from 'node:path/posix'
import type { Account } from '../../domain/account.ts'

/** What leaves a repository out: a pattern of `exclude`, or that none of `include` takes it. */
export type FilterReason = { readonly option: 'exclude'; readonly pattern: string } | { readonly option: 'include' }

/**
 * Why an account does not take the repository of this path; null: it does. Patterns that begin with the configured owner go
 * on to mean it when it is renamed.
 *
 * @param ownerPath path of the owner today; null: all that the token reads
 */
export function findFilterReason(
  { include, exclude, owner }: Pick<Account, 'include' | 'exclude' | 'owner'>,
  path: string,
  ownerPath: string | null,
): FilterReason | null {
  const paths = [path]
  if (owner !== null && ownerPath !== null && path.toLowerCase().startsWith(`${ownerPath.toLowerCase()}/`))
    paths.push(`${owner}${path.slice(ownerPath.length)}`)
  const matches = (glob: string) => paths.some((one) => matchesGlob(one, glob))
  const pattern = exclude.find(matches)
  if (pattern !== undefined) return { option: 'exclude', pattern }
  return include.some(matches) ? null : { option: 'include' }
}

/** Whether an account takes the repository of this path at all; parameters as of `findFilterReason`. */
export function isIncluded(
  account: Pick<Account, 'include' | 'exclude' | 'owner'>,
  path: string,
  ownerPath: string | null,
): boolean {
  return findFilterReason(account, path, ownerPath) === null
}
