/**
 * An address as the panel compares links with it: scheme, host in ASCII and small letters, port unless it is the usual one, path
 * without a slash at the end.
 *
 * @param text Of anybody's making.
 * @returns null: no http(s) address, or one with credentials.
 */
export function toPlainAddress(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
