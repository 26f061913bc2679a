import type { Sha } from './ids.ts'
import type { Person } from './pull-request.ts'

/** A commit as it is stored: text already safe for every database (see `storable-text.ts`). */
export interface Commit {
  readonly sha: Sha
  readonly message: string
  readonly author: Person
  readonly authoredAt: Date
  readonly committedAt: Date
  /** More than one parent. */
  readonly merge: boolean
}

/** Longest message kept, in bytes of UTF-8; keys are searched in the whole message before it is cut. */
export const MAX_MESSAGE_BYTES = 32 * 1024
