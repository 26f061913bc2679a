import { readLeftOut, type LeftOutRepository } from '../../db/views/left-out.ts'
import type { Reader } from '../../db/database.ts'
import type { RepositoryId } from '../../domain/ids.ts'
import { findFilterReason } from './included.ts'

/** A list of hundreds of patterns is for the settings. */
const MOST_PATTERNS = 3

/** Why the account's filter leaves repositories out, in words that name the pattern; those that it does not are absent. */
export async function describeLeftOut(db: Reader, ids: readonly RepositoryId[]): Promise<Map<RepositoryId, string>> {
  const left = await readLeftOut(db, ids)
  return new Map([...left].map(([id, repository]) => [id, describe(repository)]))
}

function describe({ path, filter, ownerPath }: LeftOutRepository): string {
  const reason = findFilterReason(filter, path, ownerPath)
  if (reason === null) return 'Left out by the filter until the next sweep: it takes the repository again.'
  if (reason.option === 'exclude') return `Left out by the filter "exclude: ${reason.pattern}".`
  const { include } = filter
  const more = include.length > MOST_PATTERNS ? `, and ${include.length - MOST_PATTERNS} more` : ''
  return `Left out by the filter "include: ${include.slice(0, MOST_PATTERNS).join(', ')}${more}": no pattern takes it.`
}
