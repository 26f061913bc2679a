import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { ConnectorError } from '../../lib/connector-error.ts'

/**
 * The detached signature that Jira's app manager asks for from Jira 11 on (and may from 10.5 on): raw Ed25519 over the bytes of
 * the jar. The same bytes have the same signature every time.
 *
 * @returns Base64, 88 characters, as it is pasted into the upload dialog.
 */
export function signJiraApp(jar: Uint8Array, key: KeyObject): string {
  return sign(null, jar, key).toString('base64')
}

/**
 * @param pem PKCS#8, as `openssl genpkey -algorithm ed25519` writes it.
 * @throws ConnectorError `jira-app-key-invalid`: not PEM, encrypted, or of another kind
 */
export function parseSigningKey(pem: string): KeyObject {
  const key = readKey(pem)
  if (key.asymmetricKeyType === 'ed25519') return key
  throw invalidKey(`it is of the kind ${key.asymmetricKeyType ?? 'unknown'}, and Jira takes Ed25519 alone`)
}

function readKey(pem: string): KeyObject {
  if (pem.includes('ENCRYPTED')) throw invalidKey('it is under a passphrase, which the connector does not have')
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    // Node's own words may quote what was read.
    throw invalidKey('it holds no private key in PEM', cause)
  }
}

function invalidKey(why: string, cause?: unknown): ConnectorError {
  return new ConnectorError('jira-app-key-invalid', {
    userMessage: `The key file cannot sign the Jira app: ${why}.`,
    remedy: 'Make one with "openssl genpkey -algorithm ed25519 -out app-signing.key".',
    cause,
  })
}

/**
 * A certificate that belongs to the key and is still valid.
 *
 * @param pem The first certificate in it counts.
 * @returns It alone, as PEM with a line end.
 * @throws ConnectorError `jira-app-certificate-invalid`
 */
export function checkCertificate(pem: string, { key, now }: { readonly key: KeyObject; readonly now: Date }): string {
  const certificate = readCertificate(pem)
  if (!certificate.checkPrivateKey(key)) throw invalidCertificate('it belongs to another key')
  if (certificate.validToDate <= now)
    throw invalidCertificate(`it ended on ${certificate.validToDate.toISOString().slice(0, 10)}`)
  return certificate.toString()
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw invalidCertificate('it is none in PEM', cause)
  }
}

function invalidCertificate(why: string, cause?: unknown): ConnectorError {
  return new ConnectorError('jira-app-certificate-invalid', {
    userMessage: `The certificate cannot be used for the Jira app: ${why}.`,
    remedy: 'Give the certificate of the signing key, or leave it out: then one is made.',
    cause,
  })
}
