import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { findSetting, saveSettingOnce } from '../../db/stores/settings.ts'
import { createCertificate } from '../../jira/app/certificate.ts'
import { parseSigningKey } from '../../jira/app/signature.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SecretBox } from '../../lib/secret-box.ts'

/** What the Jira app is signed with. */
export interface SigningIdentity {
  /** Ed25519, private. */
  readonly key: KeyObject
  /** PEM; its public key is the key's. */
  readonly certificate: string
}

export interface SigningContext {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly clock: Clock
  /** Public address of the connector: its host is how people recognise the certificate. */
  readonly serverUrl: string
}

const CONTEXT = 'jira-app:signing'
const storedSchema = z.object({ key: z.string(), certificate: z.string() })

/**
 * The connector's own key and certificate: made when they are first asked for, then the same on every node and for every
 * version, so that Jira's administrators trust a certificate once.
 *
 * @throws ConnectorError `secret-unreadable`
 */
export async function ensureSigningIdentity({ db, secretBox, clock, serverUrl }: SigningContext): Promise<SigningIdentity> {
  const known = await findSetting(db.read, 'jira-app.signing')
  if (known !== null) return open(known, secretBox)
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const certificate = createCertificate({ key, name: toCertificateName(serverUrl), now: clock.now() })
  const sealed = secretBox.seal(JSON.stringify({ key: key.export({ type: 'pkcs8', format: 'pem' }), certificate }), CONTEXT)
  await db.write('interactive', (tx) => saveSettingOnce(tx, 'jira-app.signing', sealed))
  // Another node may have been first.
  return open((await findSetting(db.read, 'jira-app.signing')) ?? sealed, secretBox)
}

/** The name in a certificate that we make. */
export function toCertificateName(serverUrl: string): string {
  return `jira-dvcs of ${new URL(serverUrl).hostname}`
}

function open(sealed: string, secretBox: SecretBox): SigningIdentity {
  const { key, certificate } = storedSchema.parse(JSON.parse(secretBox.open(sealed, CONTEXT)))
  return { key: parseSigningKey(key), certificate }
}
