/** Where to go after signing in: a path of ours, whatever the address says. */
export function toInnerPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/'
  const url = URL.parse(next, 'https://inner.invalid')
  return url !== null && url.host === 'inner.invalid' ? `${url.pathname}${url.search}` : '/'
}
