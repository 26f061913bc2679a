/** A first line beyond that is cut: the whole is one click away. */
const LONGEST_TITLE = 240

export interface CommitText {
  readonly title: string
  /** The whole text where the title does not tell all of it. */
  readonly whole: string | null
}

/** What a commit's message says at first sight: its first line that is not empty. */
export function toCommitText(message: string): CommitText {
  const text = message.trim()
  const end = text.search(/[\r\n]/)
  const line = end < 0 ? text : text.slice(0, end).trimEnd()
  const title = cut(line)
  return { title, whole: title === text ? null : text }
}

/** Never within a character of two halves. */
function cut(line: string): string {
  if (line.length <= LONGEST_TITLE) return line
  return `${line.slice(0, LONGEST_TITLE).replace(/[\uD800-\uDBFF]$/, '')} …`
}

/** The letter of an avatar. */
export function toInitial(name: string): string {
  const letter = /[\p{L}\p{N}]/u.exec(name)?.[0] ?? '?'
  return letter.toLocaleUpperCase('en')
}

/** One of `colours` numbers, always the same for a name. */
export function toColour(name: string, colours: number): number {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003
  return hash % colours
}
