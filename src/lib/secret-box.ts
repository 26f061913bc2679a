import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { ConnectorError } from './connector-error.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'
const CIPHER = 'aes-256-gcm'

/** Encrypts secrets for storage. */
export interface SecretBox {
  /**
   * @param text The secret, any length.
   * @param context What it is and whose, such as `account:acme:token`: bound to the result, which opens under no other
   *   context, so that a stored value cannot be moved to another place. No secret itself.
   * @returns `v1:` and base64url; the same text gives another result each time.
   */
  seal(text: string, context: string): string
  /** @throws ConnectorError `secret-unreadable`: another key, another context, or a changed or cut value. */
  open(sealed: string, context: string): string
}

/**
 * A box of AES-256-GCM with a random nonce per secret (good for 2^32 secrets under one key, NIST SP 800-38D).
 *
 * @param key 32 bytes, of `loadOrCreateKeyFile` or `deriveKey`.
 */
export function createSecretBox(key: Buffer): SecretBox {
  if (key.length !== KEY_BYTES) throw new RangeError(`a secret box needs a key of ${KEY_BYTES} bytes`)
  const associated = (context: string) => Buffer.from(`${VERSION}:${context}`)
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated(context))
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${VERSION}:${Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url')}`
    },
    open(sealed, context) {
      const [version, body, ...rest] = sealed.split(':')
      const bytes = Buffer.from(body ?? '', 'base64url')
      if (version !== VERSION || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable(context)
      try {
        const nonce = bytes.subarray(0, NONCE_BYTES)
        const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated(context))
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw unreadable(context, cause)
      }
    },
  }
}

/** Fewest characters of `server.secretKey`: 16 random ones hold about 95 bits. */
export const MIN_SECRET_KEY_LENGTH = 16

/**
 * The key of a text that an administrator chose: scrypt, because people choose badly, with a fixed salt, because every
 * node must come to the same key without talking to another. Takes about 0.1 s and 32 MiB.
 *
 * @throws ConnectorError `secret-key-too-short` below `MIN_SECRET_KEY_LENGTH` characters.
 */
export function deriveKey(secretKeyText: string): Buffer {
  if (secretKeyText.length < MIN_SECRET_KEY_LENGTH) {
    throw new ConnectorError('secret-key-too-short', {
      userMessage: `The secret key has fewer than ${MIN_SECRET_KEY_LENGTH} characters.`,
      remedy: 'Set server.secretKey to a random text, for instance of "openssl rand -base64 32".',
    })
  }
  return scryptSync(secretKeyText, 'jira-dvcs secret key v1', KEY_BYTES, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 })
}

function unreadable(context: string, cause?: unknown): ConnectorError {
  return new ConnectorError('secret-unreadable', {
    userMessage: `The stored secret "${context}" could not be decrypted: the secret key is not the one it was stored with, or the value was changed.`,
    remedy: 'Start with the former secret key (server.secretKey, or the key file in dataDir), or enter the secret again.',
    cause,
  })
}
