/**
 * What somebody does about a refusal for a while, who does not see the header that scripts read.
 *
 * @param header `Retry-After` in seconds; null: there was none
 * @returns null: it tells no number
 */
export function toWait(header: string | null): string | null {
  if (header === null || !/^\d+$/.test(header)) return null
  const seconds = Number(header)
  if (seconds < 1) return 'Try again.'
  if (seconds < 120) return `Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`
  return `Try again in ${Math.ceil(seconds / 60).toLocaleString('en')} minutes.`
}
