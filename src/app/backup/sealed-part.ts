import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import { createPassphraseBox, makeSalt } from '../../lib/passphrase-box.ts'
import type { SealedPart } from './backup-format.ts'

/** What a backup holds under a passphrase alone. */
export interface PrivatePart {
  /** The 32 bytes by which the secrets of the database are sealed. */
  readonly key: Buffer
  /** The configuration file, where it has secrets in it. */
  readonly configuration: string | null
}

const KEY = 'backup:secret-key'
const CONFIGURATION = 'backup:configuration'
/** Whoever has the file may try as many as they like. */
const SHORTEST_PASSPHRASE = 12

/** @throws ConnectorError `password-unusable`: too short */
export async function sealPrivatePart({ key, configuration }: PrivatePart, passphrase: string): Promise<SealedPart> {
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new ConnectorError('password-unusable', {
      userMessage: `The passphrase has fewer than ${SHORTEST_PASSPHRASE} characters.`,
      remedy: 'Take several words; it protects every credential.',
    })
  }
  const salt = makeSalt()
  const box = await createPassphraseBox(passphrase, salt)
  return {
    salt,
    key: box.seal(key.toString('base64'), KEY),
    configuration: configuration === null ? null : box.seal(configuration, CONFIGURATION),
  }
}

/** @throws ConnectorError `passphrase-wrong` */
export async function openPrivatePart({ salt, key, configuration }: SealedPart, passphrase: string): Promise<PrivatePart> {
  const box = await createPassphraseBox(passphrase, salt)
  try {
    return {
      key: Buffer.from(box.open(key, KEY), 'base64'),
      configuration: configuration === null ? null : box.open(configuration, CONFIGURATION),
    }
  } catch (cause) {
    if (!isConnectorError(cause, 'secret-unreadable')) throw cause
    throw new ConnectorError('passphrase-wrong', {
      userMessage: 'The passphrase does not open what is sealed in the backup. Nothing was restored.',
      remedy: 'Type it again, or restore with the former key: docs/upgrade.md.',
      cause,
    })
  }
}
