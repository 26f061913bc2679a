import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { createConcurrencyGate } from './concurrency-gate.ts'

export interface Passwords {
  /** What is stored of a password: `scrypt$17$8$1$salt$hash`. */
  hash(password: string, signal: AbortSignal): Promise<string>
  /**
   * Whether it is the password of a stored hash. With null, for a name that nobody has, it works as long and says no.
   *
   * @throws RangeError for a stored text that is no hash of ours
   */
  verify(password: string, stored: string | null, signal: AbortSignal): Promise<boolean>
}

interface Cost {
  readonly log2N: number
  readonly r: number
  readonly p: number
}

/** OWASP's first choice for scrypt: 128 MiB and about 0.3 s each. */
const COST: Cost = { log2N: 17, r: 8, p: 1 }
/** So that a flood of sign-ins takes 256 MiB and two threads, not all that there is. */
const AT_ONCE = 2
const SALT_BYTES = 16
const HASH_BYTES = 32
const STORED = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/

/** Hashes passwords with scrypt (RFC 7914). Texts are compared in one composition (NFKC), as RFC 8265 prepares passwords. */
export function createPasswords(cost: Cost = COST): Passwords {
  const gate = createConcurrencyGate(AT_ONCE)
  const derive = (given: { password: string; salt: Buffer; cost: Cost }, signal: AbortSignal) =>
    gate.run('scrypt', signal, () => deriveKey(given.password, given.salt, given.cost))
  return {
    async hash(password, signal) {
      const salt = randomBytes(SALT_BYTES)
      const key = await derive({ password, salt, cost }, signal)
      return ['scrypt', cost.log2N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$')
    },
    async verify(password, stored, signal) {
      if (stored === null) {
        await derive({ password, salt: randomBytes(SALT_BYTES), cost }, signal)
        return false
      }
      const [, log2N, r, p, salt = '', expected = ''] = STORED.exec(stored) ?? []
      if (log2N === undefined) throw new RangeError('this is no stored password')
      const by = { log2N: Number(log2N), r: Number(r), p: Number(p) }
      const key = await derive({ password, salt: Buffer.from(salt, 'base64url'), cost: by }, signal)
      const wanted = Buffer.from(expected, 'base64url')
      return wanted.length === key.length && timingSafeEqual(wanted, key)
    },
  }
}

function deriveKey(password: string, salt: Buffer, { log2N, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** log2N
  // Twice what it takes: Node.js counts a little more than 128·N·r.
  const options = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
