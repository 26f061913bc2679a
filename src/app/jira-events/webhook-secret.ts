import { randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { SecretBox } from '../../lib/secret-box.ts'

const CONTEXT = 'jira:webhook-secret'

/**
 * `ensureJiraWebhookSecret`, once for a process: the secret never changes, and whoever sends what is no webhook of Jira must
 * not make us read and unseal it each time.
 */
export function createJiraWebhookSecret(db: Database, secretBox: SecretBox): () => Promise<string> {
  let known: string | null = null
  return async () => (known ??= await ensureJiraWebhookSecret(db, secretBox))
}

/** The secret of Jira's webhook where none is configured: made when it is first asked for, the same on every node. */
async function ensureJiraWebhookSecret(db: Database, secretBox: SecretBox): Promise<string> {
  const known = await findSetting(db.read, 'jira.webhook-secret')
  if (known !== null) return secretBox.open(known, CONTEXT)
  const sealed = await db.write('interactive', async (tx) => {
    const meanwhile = await findSetting(tx, 'jira.webhook-secret')
    if (meanwhile !== null) return meanwhile
    const made = secretBox.seal(randomBytes(32).toString('base64url'), CONTEXT)
    await saveSetting(tx, 'jira.webhook-secret', made)
    return made
  })
  return secretBox.open(sealed, CONTEXT)
}
