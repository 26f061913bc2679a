import { matchesGlob } from 'node:path/posix'
import type { Account } from '../../domain/account.ts'

/** Whether an account takes the repository of this path at all. */
export function isIncluded({ include, exclude }: Pick<Account, 'include' | 'exclude'>, path: string): boolean {
  return include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob))
}
