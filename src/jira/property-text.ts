/**
 * Text that every Jira can store and that shows as what it is. Jira on MySQL with its old three-byte characters
 * refuses a whole property for one character beyond U+FFFF, such as an emoji, so these become U+FFFD, as do halves of
 * such characters. Control characters (line breaks and tabs stay) and the marks that turn the direction of text around
 * are left out.
 */
export function toPropertyText(text: string): string {
  return text
    .replace(/[\u{10000}-\u{10FFFF}]|[\uD800-\uDFFF]/gu, '\uFFFD')
    .replace(/(?![\n\t])\p{Cc}|[\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu, '')
}

/** An http(s) address in its normal form, which is plain ASCII; empty when it is anything else. */
export function toPropertyUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return ''
  url.username = ''
  url.password = ''
  return url.href
}
