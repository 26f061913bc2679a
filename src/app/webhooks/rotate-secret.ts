import type { AccountId } from '../../domain/ids.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import {
  beginRotation,
  dropPreviousSecret,
  endResaving,
  findRotation,
  listOutdatedHooks,
} from '../../db/stores/webhook-secrets.ts'
import type { Tx } from '../../db/database.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { renewAccountSecret } from './account-hook.ts'
import { reconcileWebhook } from './reconcile-webhook.ts'

/** Deliveries that the host had signed with the old secret may wait in its queue for a while. */
const GRACE_MS = 60 * 60_000
const HOOKS_PER_READ = 100
const HOOKS_AT_ONCE = 4

/**
 * Replaces the secret of an account's webhooks and asks for the job that re-saves them; see `WebhookSecrets` for the states.
 *
 * @throws ConnectorError `account-not-found`, `webhook-secret-by-hand`, `webhook-rotation-running`
 */
export async function requestRotation(app: AppContext, id: AccountId): Promise<void> {
  const account = await findAccount(app.db.read, id)
  if (account === null) throw new ConnectorError('account-not-found', { userMessage: `There is no account "${id}".` })
  if (account.webhooks === 'manual') {
    throw new ConnectorError('webhook-secret-by-hand', {
      userMessage: `The webhooks of the account "${id}" are installed by hand: the connector cannot replace their secret.`,
      remedy: 'Set another "webhookSecret" for the account and enter it in the hooks.',
    })
  }
  // One must be there that can be the old one.
  await app.connections.webhookSecret(id)
  const sealed = app.connections.makeWebhookSecret(id)
  const begun = await app.db.write('interactive', async (tx) => {
    if (!(await beginRotation(tx, id, { sealed, now: app.clock.now().getTime() }))) return false
    await addRotationJob(app, tx, { id })
    return true
  })
  if (begun) return
  throw new ConnectorError('webhook-rotation-running', {
    userMessage: `The webhooks of the account "${id}" are being given a new secret already.`,
    remedy: 'Wait until all of them have it; GET /api/v1/accounts/{id}/webhooks tells how far it is.',
  })
}

/**
 * Re-saves every hook that carries an older secret, then lets the old one end, and a while later forgets it. Begins where
 * the last run ended: each hook's row tells which secret it carries.
 */
export async function rotateSecret(app: AppContext, id: AccountId, signal: AbortSignal): Promise<void> {
  const account = await findAccount(app.db.read, id)
  if (account === null || (await findRotation(app.db.read, id)) === null) return
  await renewAccountSecret(app, account, signal)
  let after = 0
  for (;;) {
    signal.throwIfAborted()
    const hooks = await listOutdatedHooks(app.db.read, id, { after, limit: HOOKS_PER_READ })
    const last = hooks.at(-1)
    if (last === undefined) break
    await mapConcurrently(hooks, HOOKS_AT_ONCE, ({ hostId }) =>
      reconcileWebhook(app, { account, hostId, onFailure: 'throw' }, signal),
    )
    after = last.id
  }
  await app.db.write('background', (tx) => concludeRotation(app, tx, id))
}

async function concludeRotation(app: AppContext, tx: Tx, id: AccountId): Promise<void> {
  const now = app.clock.now().getTime()
  const found = await findRotation(tx, id)
  if (found === null) return
  // A sweep that read the old secret before it was replaced has written it last.
  if (found.done < found.total) return addRotationJob(app, tx, { id })
  await endResaving(tx, id, now + GRACE_MS)
  await dropPreviousSecret(tx, id, now)
  const until = (await findRotation(tx, id))?.previousUntil ?? null
  if (until !== null) await addRotationJob(app, tx, { id, runAt: new Date(until) })
}

/** Asks for `rotateSecret`. */
export async function addRotationJob(
  app: Pick<AppContext, 'jobs'>,
  tx: Tx,
  { id, runAt }: { id: AccountId; runAt?: Date },
): Promise<void> {
  await app.jobs.add(tx, {
    name: 'rotate-webhook-secret',
    payload: { accountId: id },
    key: `webhook-secret:${id}`,
    ...(runAt === undefined ? {} : { runAt }),
  })
}
