import { randomBytes, scrypt } from 'node:crypto'
import { createSecretBox, type SecretBox } from './secret-box.ts'

/** As for passwords, 128 MiB and about 0.3 s; never read from what is opened, which may ask for any amount. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
const KEY_BYTES = 32
const SALT_BYTES = 16

/** A salt for a new box: kept beside what is sealed in it, no secret. */
export const makeSalt = (): string => randomBytes(SALT_BYTES).toString('base64url')

/**
 * A box whose key comes from what a person types (scrypt, RFC 7914). Texts are compared in one composition (NFKC).
 *
 * @param salt of `makeSalt`, another one for every box
 */
export function createPassphraseBox(passphrase: string, salt: string): Promise<SecretBox> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64url'), KEY_BYTES, COST, (error, key) =>
      error === null ? resolve(createSecretBox(key)) : reject(error),
    )
  })
}
