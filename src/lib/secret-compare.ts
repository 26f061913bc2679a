import { hash, timingSafeEqual } from 'node:crypto'

/**
 * True when `given` equals one of `secrets`. Takes the same time wherever they differ and however long they are
 * (hashes of equal length are compared, and all of them); empty secrets never match.
 */
export function isOneOfSecrets(given: string, secrets: readonly string[]): boolean {
  const digest = toDigest(given)
  let found = false
  for (const secret of secrets) {
    const equal = timingSafeEqual(digest, toDigest(secret))
    if (equal && secret !== '') found = true
  }
  return found
}

function toDigest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
