import { MAX_MESSAGE_BYTES } from '../../domain/commit.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import type { KeyedCommit } from '../../db/stores/gather-commits.ts'
import type { ReadCommit } from './history-source.ts'

const MAX_NAME_BYTES = 1_000

/** A commit as it is stored. */
export function toKeyedCommit(commit: ReadCommit, keys: KeyedCommit['keys']): KeyedCommit {
  return {
    sha: commit.sha,
    message: toStorableText(commit.message, { maxBytes: MAX_MESSAGE_BYTES }),
    author: toKeyedAuthor({ name: commit.authorName, email: commit.authorEmail }),
    authoredAt: new Date(commit.authoredAt),
    committedAt: new Date(commit.committedAt),
    merge: commit.parentCount > 1,
    keys,
  }
}

/** @param author `email` null or empty: there is none */
export function toKeyedAuthor({ name, email }: { name: string; email: string | null }): KeyedCommit['author'] {
  const toText = (text: string) => toStorableText(text, { maxBytes: MAX_NAME_BYTES })
  return { name: toText(name), email: email === null || email === '' ? null : toText(email) }
}
