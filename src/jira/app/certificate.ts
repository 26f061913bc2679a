import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { bitString, explicit, integer, objectIdentifier, octetString, sequence, set, time, TRUE, utf8 } from './der.ts'

const ED25519 = '1.3.101.112'
const COMMON_NAME = '2.5.4.3'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const KEY_USAGE = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'

const DAY_MS = 86_400_000
/** Jira may keep another time than we do. */
const BACKDATED_MS = DAY_MS
/**
 * When it ends, Jira takes no new versions of the app before somebody brings it another certificate. Nobody but the
 * administrator who put it there trusts it, and taking it away is what ends that.
 */
const VALID_MS = 20 * 365.25 * DAY_MS
/** X.520's upper bound of a common name. */
const LONGEST_NAME = 64

export interface CertificateOptions {
  /** Ed25519, private. */
  readonly key: KeyObject
  /** How people recognise it in Jira's list; cut to 64 characters. */
  readonly name: string
  readonly now: Date
}

/**
 * A self-signed X.509 certificate for a signing key, which no part of Node.js writes (RFC 5280; RFC 8410 for Ed25519). For the
 * same options the same certificate.
 *
 * @returns PEM, with a line end.
 */
export function createCertificate({ key, name, now }: CertificateOptions): string {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const notBefore = new Date(now.getTime() - BACKDATED_MS)
  const algorithm = sequence(objectIdentifier(ED25519))
  const subject = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8(Array.from(name).slice(0, LONGEST_NAME).join('')))))
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(toSerialNumber(publicKey, notBefore)),
    algorithm,
    subject,
    sequence(time(notBefore), time(new Date(notBefore.getTime() + VALID_MS))),
    subject,
    publicKey,
    explicit(3, toExtensions(publicKey)),
  )
  const certificate = sequence(content, algorithm, bitString(sign(null, content, key)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** Unique for a key and a time, positive, and at most 20 bytes, as RFC 5280 wants. */
function toSerialNumber(publicKey: Buffer, notBefore: Date): Buffer {
  const digest = createHash('sha256').update(publicKey).update(notBefore.toISOString()).digest().subarray(0, 16)
  digest[0] = ((digest[0] ?? 0) & 0x7f) | 0x40
  return digest
}

/** It signs, and is no authority for others. */
function toExtensions(publicKey: Buffer): Buffer {
  // The last 32 bytes are the key itself.
  const identifier = createHash('sha1').update(publicKey.subarray(-32)).digest()
  return sequence(
    sequence(objectIdentifier(SUBJECT_KEY_IDENTIFIER), octetString(octetString(identifier))),
    sequence(objectIdentifier(BASIC_CONSTRAINTS), TRUE, octetString(sequence())),
    sequence(objectIdentifier(KEY_USAGE), TRUE, octetString(bitString(Buffer.from([0x80]), 7))),
  )
}
