import { createPrivateKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Database, Reader, Tx } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { OAuthConsumer } from '../../jira/oauth1-signature.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { makeRandomValue } from './random-value.ts'

/** Our side of an application link in Jira: what Jira is given, and the sealed key with which requests are signed. */
export interface ApplicationLink {
  /** Stays when the key pair is made anew. */
  readonly consumerKey: string
  /** PEM. */
  readonly publicKey: string
  readonly privateKeySealed: string
  readonly madeAt: number
  /** When which Jira last accepted a signature in a test; null: none did. */
  readonly accepted: { readonly url: string; readonly at: number } | null
}

const CONTEXT = 'jira:application-link:private-key'
/** Jira's documentation asks for RSA; 2,048 bits is what every version of it takes. */
const BITS = 2_048
const storedSchema = z.object({
  consumerKey: z.string(),
  publicKey: z.string(),
  privateKeySealed: z.string(),
  madeAt: z.number(),
  accepted: z.object({ url: z.string(), at: z.number() }).nullable(),
})

/** null: no key pair was made. */
export async function findApplicationLink(db: Reader): Promise<ApplicationLink | null> {
  const stored = await findSetting(db, 'jira.application-link')
  return stored === null ? null : storedSchema.parse(JSON.parse(stored))
}

/** Makes a key pair, in the place of the one before; Jira must be given the public key of it before it accepts anything. */
export async function makeApplicationLinkKey({
  db,
  secretBox,
  clock,
}: {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly clock: Clock
}): Promise<void> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  await db.write('interactive', async (tx) => {
    const before = await findApplicationLink(tx)
    await save(tx, {
      // Two connectors at one Jira must not have the same.
      consumerKey:
        before?.consumerKey ??
        `jira-dvcs-${makeRandomValue()
          .replaceAll(/[^A-Za-z0-9]/g, '')
          .slice(0, 8)}`,
      publicKey,
      privateKeySealed: secretBox.seal(privateKey, CONTEXT),
      madeAt: clock.now().getTime(),
      accepted: null,
    })
  })
}

/** Notes that a Jira accepted this key; nothing is noted when there is another one meanwhile. */
export async function noteAccepted(
  tx: Tx,
  { publicKey }: ApplicationLink,
  accepted: NonNullable<ApplicationLink['accepted']>,
): Promise<void> {
  const now = await findApplicationLink(tx)
  if (now?.publicKey === publicKey) await save(tx, { ...now, accepted })
}

/** @throws ConnectorError `secret-unreadable` */
export function openConsumer(secretBox: SecretBox, { consumerKey, privateKeySealed }: ApplicationLink): OAuthConsumer {
  return { key: consumerKey, privateKey: createPrivateKey(secretBox.open(privateKeySealed, CONTEXT)) }
}

async function save(tx: Tx, link: ApplicationLink): Promise<void> {
  await saveSetting(tx, 'jira.application-link', JSON.stringify(link))
}
