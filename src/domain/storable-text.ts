const REPLACEMENT = '\ufffd'
const encoder = new TextEncoder()

/**
 * The text as SQLite and PostgreSQL both keep it: NUL (which PostgreSQL refuses and SQLite's functions stop at) and lone
 * surrogates (which UTF-8 cannot express) become U+FFFD, and what is longer than the limit is cut after the last whole
 * character that fits. Applying it again changes nothing.
 *
 * @param text Anything a host or Git sent.
 * @param options `maxBytes`: limit in bytes of UTF-8, at least 0.
 */
export function toStorableText(text: string, { maxBytes }: { readonly maxBytes: number }): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', REPLACEMENT).toWellFormed() : text.toWellFormed()
  // A UTF-16 unit takes three bytes of UTF-8 at most, so that most texts need no counting.
  if (clean.length * 3 <= maxBytes || Buffer.byteLength(clean) <= maxBytes) return clean
  return clean.slice(0, encoder.encodeInto(clean, new Uint8Array(maxBytes)).read)
}
