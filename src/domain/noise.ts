import { matchesGlob } from './glob.ts'

interface Author {
  readonly authorName: string
  readonly authorEmail: string | null
}

/** What people do not want to see unasked, by the option `panel.hide`. */
export interface Noise {
  /** Whether any commit can be noise: else nobody need look at each. */
  readonly ofCommits: boolean
  commit(commit: Author & { readonly merge: boolean }): boolean
  branch(name: string): boolean
  pullRequest(request: Author & { readonly status: string; readonly sourceBranch: string }): boolean
}

export const NO_NOISE: Noise = { ofCommits: false, commit: () => false, branch: () => false, pullRequest: () => false }

/**
 * The rule of `panel.hide`. Each entry is `merge-commits`, `declined` (pull requests), or a glob that is compared with the
 * names and e-mail addresses of authors and with the names of branches; `author:` or `branch:` before it limits it to one.
 * A branch that is noise makes the pull requests from it noise too.
 */
export function toNoise(rules: readonly string[]): Noise {
  if (rules.length === 0) return NO_NOISE
  const merges = rules.includes('merge-commits')
  const declined = rules.includes('declined')
  const globs = rules.filter((rule) => rule !== 'merge-commits' && rule !== 'declined')
  const authors = globs.flatMap((glob) => (glob.startsWith('branch:') ? [] : [withoutPrefix(glob, 'author:')]))
  const branches = globs.flatMap((glob) => (glob.startsWith('author:') ? [] : [withoutPrefix(glob, 'branch:')]))
  const isAuthor = remember((text) => authors.some((glob) => matchesGlob(glob, text)))
  const isBranch = (name: string) => branches.some((glob) => matchesGlob(glob, name))
  const byAuthor = ({ authorName, authorEmail }: Author) =>
    authors.length > 0 && (isAuthor(authorName) || (authorEmail !== null && isAuthor(authorEmail)))
  return {
    ofCommits: merges || authors.length > 0,
    commit: (commit) => (merges && commit.merge) || byAuthor(commit),
    branch: isBranch,
    pullRequest: (request) => (declined && request.status === 'DECLINED') || isBranch(request.sourceBranch) || byAuthor(request),
  }
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

/** Thousands of commits have a handful of authors. */
const REMEMBERED = 10_000

function remember(decide: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const decided = decide(text)
    if (known.size >= REMEMBERED) known.clear()
    known.set(text, decided)
    return decided
  }
}
