import { toShownText } from '../domain/shown-text.ts'

/** Who asked for something, and where. */
export interface Source {
  /** Name of the person. */
  readonly person: string
  readonly commit: { readonly displayId: string; readonly url: string; readonly repository: string }
  /** Unique among all actions; letters, digits and hyphens. */
  readonly mark: string
}

const LONGEST_NAME = 100
const LONGEST_REPOSITORY = 250

/**
 * A line of Jira's wiki markup: `— Ann Cole in commit [a1b2c3d|https://git.example.com/…#mark] of acme/shop`. Whatever the
 * names hold is shown as text: no mention, macro, link, picture or smiley comes of it.
 */
export function toAttribution({ person, commit, mark }: Source): string {
  const name = toWikiText(person, LONGEST_NAME)
  const id = toWikiText(commit.displayId, LONGEST_NAME)
  const link = toMarkedLink(commit.url, mark)
  const where = link === null ? `${id} (${toWikiText(mark, LONGEST_NAME)})` : `[${id}|${link}]`
  return `— ${name} in commit ${where} of ${toWikiText(commit.repository, LONGEST_REPOSITORY)}`
}

/** Whether a text has the line of this action: marks are compared whole. */
export function hasMark(text: string, mark: string): boolean {
  return text.includes(`#${toFragment(mark)}]`) || text.includes(` (${toWikiText(mark, LONGEST_NAME)}) of `)
}

/** The author's text as it is, which may hold markup as in Jira itself, and below it the line that says whose it is. */
export function withAttribution(text: string, attribution: string): string {
  return text === '' ? attribution : `${closeMacros(text)}\n\n${attribution}`
}

/**
 * A stranger's text in wiki markup. Everything that could be markup becomes an HTML entity, which Jira's renderer keeps; a
 * backslash would not do, because it is no escape before some characters and a line break before another.
 */
export function toWikiText(text: string, max: number): string {
  return toShownText(text, { max }).replaceAll(MARKUP, (character) => `&#${character.codePointAt(0)};`)
}

/** All but letters, digits, blanks, `.`, `,`, `/`, apostrophes, and hyphens and underscores within words that are no issue key. */
const MARKUP = /(?![.,/' ]|(?<=[\p{L}\p{N}])(?:-(?=\p{L})|_(?=[\p{L}\p{N}])))[^\p{L}\p{M}\p{N}]/gu

/** The commit's page; the mark is its fragment, which nobody sees. Null: not an address of the web. */
function toMarkedLink(address: string, mark: string): string | null {
  const safe = toWikiAddress(address)
  return safe === null ? null : `${safe}#${toFragment(mark)}`
}

/** An address as it can stand in wiki markup, without its fragment. Null: not one of the web. */
export function toWikiAddress(address: string): string | null {
  const url = URL.parse(address)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  url.username = ''
  url.password = ''
  url.hash = ''
  // What may stand in an address and means something to the renderer.
  return url.href.replaceAll(/[^A-Za-z0-9:/.?=&%_+,;-]/g, (character) =>
    encodeURIComponent(character).replaceAll(/[!'()*~]/g, toPercent),
  )
}

function toFragment(mark: string): string {
  return encodeURIComponent(mark).replaceAll(/[!'()*~]/g, toPercent)
}

function toPercent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Those that swallow what follows when nothing ends them. */
const MACRO = /\{(code|noformat|quote|panel|color)(?=[:}])/gi

/** An author who opens a macro and does not close it would have it swallow the line below: then its braces are text. */
function closeMacros(text: string): string {
  const counts = new Map<string, number>()
  for (const [, name = ''] of text.matchAll(MACRO)) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return text.replaceAll(MACRO, (found: string, name: string) =>
    (counts.get(name.toLowerCase()) ?? 0) % 2 === 0 ? found : `\\${found}`,
  )
}
