import { matchesGlob } from 'node:path/posix'
import type { Account } from '../../domain/account.ts'

/**
 * Whether an account takes the repository of this path at all. Patterns that begin with the configured owner go on to mean
 * it when it is renamed.
 *
 * @param ownerPath path of the owner today; null: all that the token reads
 */
export function isIncluded(
  { include, exclude, owner }: Pick<Account, 'include' | 'exclude' | 'owner'>,
  path: string,
  ownerPath: string | null,
): boolean {
  const paths = [path]
  if (owner !== null && ownerPath !== null && path.toLowerCase().startsWith(`${ownerPath.toLowerCase()}/`))
    paths.push(`${owner}${path.slice(ownerPath.length)}`)
  const matches = (glob: string) => paths.some((one) => matchesGlob(one, glob))
  return include.some(matches) && !exclude.some(matches)
}
