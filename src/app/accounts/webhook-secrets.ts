import { randomBytes } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import type { AccountId } from '../../domain/ids.ts'
import { findSealedSecrets, setSealedSecrets } from '../../db/stores/accounts.ts'
import { findWebhookSecrets, type WebhookSecrets } from '../../db/stores/webhook-secrets.ts'
import type { Secret } from '../../lib/secret.ts'
import type { SecretBox } from '../../lib/secret-box.ts'
import type { Connections } from './connections.ts'
import { secretContext } from './secret-context.ts'

/** GitLab's signing tokens have 32 bytes. */
const KEY_BYTES = 32

interface Options {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly declared: ReadonlyMap<AccountId, { readonly webhookSecret: Secret | null }>
}

/** The secrets of webhooks: the configured one, else one of our own that is made when it is first asked for. */
export function createWebhookSecrets(
  options: Options,
): Pick<Connections, 'webhookSecrets' | 'webhookSecret' | 'makeWebhookSecret'> {
  const { secretBox, declared } = options
  const open = (id: AccountId, sealed: string) => secretBox.open(sealed, secretContext(id, 'webhook-secret'))
  const findDeclared = (id: AccountId) => declared.get(id)?.webhookSecret?.reveal() ?? null
  return {
    async webhookSecrets(id, now) {
      const configured = findDeclared(id)
      if (configured !== null) return [configured]
      const stored = await getSecrets(options, id)
      if (stored === null) return []
      const { sealed, previousSealed, previousUntil } = stored
      const isPreviousValid = previousUntil === null || now.getTime() < previousUntil
      return [sealed, ...(previousSealed !== null && isPreviousValid ? [previousSealed] : [])].map((text) => open(id, text))
    },
    async webhookSecret(id) {
      const configured = findDeclared(id)
      if (configured !== null) return { text: configured, generation: 1 }
      const stored = await getSecrets(options, id)
      return stored === null ? null : { text: open(id, stored.sealed), generation: stored.generation }
    },
    makeWebhookSecret: (id) => makeSecret(options, id),
  }
}

/** The stored ones, with the first one made where there is none; null: no such account. */
async function getSecrets(options: Options, id: AccountId): Promise<(WebhookSecrets & { readonly sealed: string }) | null> {
  const stored = await findWebhookSecrets(options.db.read, id)
  if (stored === null) return null
  if (stored.sealed !== null) return { ...stored, sealed: stored.sealed }
  const sealed = await options.db.write('interactive', async (tx) => {
    const known = await findSealedSecrets(tx, id)
    if (known === null || known.webhookSecret !== null) return known?.webhookSecret ?? null
    const webhookSecret = makeSecret(options, id)
    await setSealedSecrets(tx, id, { webhookSecret })
    return webhookSecret
  })
  return sealed === null ? null : { ...stored, sealed }
}

/** In the form of a signing token, from which the plain token is derived where the host does not sign. */
function makeSecret({ secretBox }: Options, id: AccountId): string {
  return secretBox.seal(`whsec_${randomBytes(KEY_BYTES).toString('base64')}`, secretContext(id, 'webhook-secret'))
}
