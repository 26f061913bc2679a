import { createHash, randomBytes } from 'node:crypto'

/** 256 bits of chance as text, 43 characters: what sessions, API tokens and the set-up link are known by. */
export function makeRandomValue(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of such a value. It needs no salt: nobody guesses 256 bits. */
export function hashOfValue(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}
