import { createHash } from 'node:crypto'
import type { SmartCommitAction } from '../../domain/smart-commit-record.ts'

export interface FingerprintedCommit {
  readonly author: { readonly name: string; readonly email: string | null }
  readonly authoredAt: Date
}

type Command = Pick<SmartCommitAction, 'key' | 'name' | 'argument'>

/**
 * What stays of each command when its commit is cherry-picked, rebased or amended, be it by further commands: who wrote it,
 * when, and what it commands. Git keeps the author and the author date of a copy.
 *
 * @param commands all of the commit, in order: the same one twice is meant twice
 * @returns one for each, in their order
 */
export function toCommandFingerprints(commit: FingerprintedCommit, commands: readonly Command[]): string[] {
  const met = new Map<string, number>()
  return commands.map(({ key, name, argument }) => {
    const command = [key, name, argument]
    const same = JSON.stringify(command)
    const occurrence = met.get(same) ?? 0
    met.set(same, occurrence + 1)
    return toHash({ ...toIdentity(commit), command, occurrence })
  })
}

/** As it was before commands had fingerprints of their own: all of a commit as one. What was stored then still counts. */
export function toWholeFingerprint(commit: FingerprintedCommit & { readonly lines: string }): string {
  return toHash({ ...toIdentity(commit), lines: commit.lines })
}

function toIdentity({ author, authoredAt }: FingerprintedCommit) {
  const who = author.email === null ? { name: author.name } : { email: author.email.toLowerCase() }
  return { ...who, at: authoredAt.getTime() }
}

function toHash(parts: object): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
