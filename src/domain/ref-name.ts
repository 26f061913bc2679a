const REPLACEMENT = '\ufffd'

/**
 * Longest full name of a ref that is followed, in bytes. With an issue key beside it (1,024) it still fits into an index
 * row of PostgreSQL (2,704); a path of the file system takes not much more.
 */
export const MAX_REF_NAME_BYTES = 1_000

/**
 * Whether a ref can be followed under this name. Git's names are bytes: what is no UTF-8 decodes to U+FFFD, two of them
 * may decode to the same text, and neither the host's API nor a link can tell them. A name that really holds U+FFFD
 * counts as such.
 *
 * @param name Full name, decoded as UTF-8, such as `refs/heads/main`.
 */
export function isUsableRefName(name: string): boolean {
  // A UTF-16 unit takes three bytes of UTF-8 at most, so that most names need no counting.
  return !name.includes(REPLACEMENT) && (name.length * 3 <= MAX_REF_NAME_BYTES || Buffer.byteLength(name) <= MAX_REF_NAME_BYTES)
}
