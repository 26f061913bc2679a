import { html, type HtmlValue, type SafeHtml } from './html.ts'

/** A link with a text, a mention, a bare address, an escaped character, or an HTML entity by number. */
const TOKENS =
  /\[(?<text>[^[\]|\n]*)\|(?<target>https?:\/\/[^\s|\]]+)\]|\[~(?<user>[^\]\n]+)\]|(?<address>\bhttps?:\/\/[^\s|\]]+)|\\(?<escaped>[^\sA-Za-z0-9])|&#(?<code>\d{1,7});/g

/**
 * Text with the part of Jira's wiki markup that comments of smart commits have, as Jira renders it: paragraphs, links, mentions
 * and escapes. Macros and styles stay as they are written.
 */
export function renderWiki(text: string, findName: (user: string) => string | null): SafeHtml {
  const paragraphs = text.split(/\r?\n(?:[ \t]*\r?\n)+/).filter((paragraph) => paragraph.trim() !== '')
  return html`${paragraphs.map((paragraph) => html`<p>${renderLine(paragraph, findName)}</p>`)}`
}

function renderLine(line: string, findName: (user: string) => string | null): HtmlValue[] {
  const parts: HtmlValue[] = []
  let end = 0
  for (const { 0: whole, index, groups = {} } of line.matchAll(TOKENS)) {
    parts.push(line.slice(end, index), renderToken(whole, groups, findName))
    end = index + whole.length
  }
  return [...parts, line.slice(end)]
}

function renderToken(
  whole: string,
  { text, target, user, address, escaped, code }: Record<string, string | undefined>,
  findName: (user: string) => string | null,
): HtmlValue {
  const url = target ?? address
  if (url !== undefined) {
    const label =
      text === undefined || text === '' ? url : text.replaceAll(/&#(\d{1,7});/g, (_, digits: string) => toCharacter(digits))
    return html`<a class="external-link" href="${url}" rel="nofollow noreferrer">${label}</a>`
  }
  if (user !== undefined) return html`<a class="user-hover" rel="${user}">${findName(user) ?? user}</a>`
  if (escaped !== undefined) return escaped
  return code === undefined ? whole : toCharacter(code)
}

function toCharacter(digits: string): string {
  const code = Number(digits)
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : ''
}
