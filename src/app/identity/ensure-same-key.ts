import type { Database, Reader } from '../../db/database.ts'
import { listSealedSecrets } from '../../db/stores/accounts.ts'
import { findSetting, saveSettingOnce } from '../../db/stores/settings.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import { secretContext } from '../accounts/secret-context.ts'

const CONTEXT = 'settings:secret.canary'
const CANARY = 'sealed with the right key'

/**
 * Makes sure at the start that the secret key is the one that the stored secrets were sealed with: a sealed text of no
 * value is kept among the settings. Without this a wrong key shows as single accounts that stop working.
 *
 * @throws ConnectorError `secret-key-wrong`
 */
export async function ensureSameKey(db: Database, secretBox: SecretBox): Promise<void> {
  if ((await findSetting(db.read, 'secret.canary')) === null) {
    // Secrets may be older than the canary.
    await openStoredSecrets(db.read, secretBox)
    await db.write('interactive', (tx) => saveSettingOnce(tx, 'secret.canary', secretBox.seal(CANARY, CONTEXT)))
  }
  // Of two nodes that start at once with different keys the first one's counts.
  const sealed = await findSetting(db.read, 'secret.canary')
  tryOpen(() => secretBox.open(sealed ?? '', CONTEXT))
}

/** Whether this is the key by which a copied database was sealed; `canary`: of its settings. */
export function opensCanary(secretBox: SecretBox, canary: string): boolean {
  try {
    return secretBox.open(canary, CONTEXT) === CANARY
  } catch (error) {
    if (isConnectorError(error, 'secret-unreadable')) return false
    throw error
  }
}

async function openStoredSecrets(db: Reader, secretBox: SecretBox): Promise<void> {
  for (const { id, sealed } of await listSealedSecrets(db)) {
    const { token, webhookAdminToken, webhookSecret } = sealed
    tryOpen(() => {
      open(secretBox, token, secretContext(id, 'token'))
      open(secretBox, webhookAdminToken, secretContext(id, 'webhook-admin-token'))
      open(secretBox, webhookSecret, secretContext(id, 'webhook-secret'))
    })
  }
}

function open(secretBox: SecretBox, sealed: string | null, context: ReturnType<typeof secretContext>): void {
  if (sealed !== null) secretBox.open(sealed, context)
}

function tryOpen(work: () => void): void {
  try {
    work()
  } catch (cause) {
    if (!isConnectorError(cause, 'secret-unreadable')) throw cause
    throw new ConnectorError('secret-key-wrong', {
      userMessage: 'The secret key is not the one with which the secrets in this database are sealed. Nothing was changed.',
      remedy:
        'Start with the former key: server.secretKey, or the file secret.key in dataDir, which belongs into every backup. If it is lost, docs/credentials.md says how to begin with a new one.',
      cause,
    })
  }
}
