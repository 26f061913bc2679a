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
    author: {
      name: toStorableText(commit.authorName, { maxBytes: MAX_NAME_BYTES }),
      email: commit.authorEmail === '' ? null : toStorableText(commit.authorEmail, { maxBytes: MAX_NAME_BYTES }),
    },
    authoredAt: new Date(commit.authoredAt),
    committedAt: new Date(commit.committedAt),
    merge: commit.parentCount > 1,
    keys,
  }
}
