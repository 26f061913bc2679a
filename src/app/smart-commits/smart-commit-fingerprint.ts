import { createHash } from 'node:crypto'

export interface FingerprintParts {
  readonly author: { readonly name: string; readonly email: string | null }
  readonly authoredAt: Date
  /** See `smart-commit-lines.ts`. */
  readonly lines: string
}

/**
 * What stays of a commit when it is cherry-picked, rebased, or amended in anything but its commands: who wrote it, when,
 * and what it commands. Git keeps the author and the author date of a copy.
 */
export function toSmartCommitFingerprint({ author, authoredAt, lines }: FingerprintParts): string {
  const who = author.email === null ? { name: author.name } : { email: author.email.toLowerCase() }
  return createHash('sha256')
    .update(JSON.stringify({ ...who, at: authoredAt.getTime(), lines }))
    .digest('hex')
}
