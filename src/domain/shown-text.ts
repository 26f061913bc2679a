/**
 * A stranger's text for a message that people read: in one line, without control characters and without the marks that
 * turn the direction of text around.
 *
 * @param options `max`: characters that are kept; what is longer ends in `…`.
 */
export function toShownText(text: string, { max }: { readonly max: number }): string {
  const clean = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
  return clean.length > max ? `${[...clean].slice(0, max).join('').trim()}…` : clean
}
