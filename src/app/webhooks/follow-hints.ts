import type { Tx } from '../../db/database.ts'
import { findAccount, planWebhookSweep } from '../../db/stores/accounts.ts'
import { findProjectHook, saveProjectHook } from '../../db/stores/hooks.ts'
import { findLeftHook } from '../../db/stores/left-hooks.ts'
import { listRepositoriesByHostIds } from '../../db/stores/repositories-by-host-id.ts'
import type { FollowedWebhook } from '../../db/stores/webhook-deliveries.ts'
import { webhookAsker } from '../../domain/asker.ts'
import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import type { WebhookHint } from '../../domain/webhook-hint.ts'
import type { AppContext } from '../app-context.ts'
import { requestCredentialCheck } from '../credentials/check-credentials.ts'
import { addWebhookSyncs } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/** Between two sweeps that webhooks ask for: those of repositories that are not wanted ask for one each. */
export const SWEEP_PAUSE_MS = 5 * 60_000

export interface HintedWebhook {
  readonly id: number
  readonly accountId: AccountId
  readonly hint: WebhookHint
}

/** What is asked for because of one webhook. */
interface Wish {
  readonly followed: FollowedWebhook
  readonly ask?: 'credentials' | 'sweep' | { readonly sync: Repository }
}

/**
 * Asks for what webhooks hint at: a look at each repository, or at an account's list when the repository is not known.
 * However many webhooks hint at the same, it is asked for once, and of hundreds of repositories that are linked with as many statements as of one.
 *
 * @param webhooks of the same hint the last one counts as who asked
 * @returns what becomes of each, in their order
 */
export async function followHints(app: AppContext, tx: Tx, webhooks: readonly HintedWebhook[]): Promise<FollowedWebhook[]> {
  const places = await findPlaces(app, tx, webhooks)
  const wishes = webhooks.map(({ accountId, hint }) => toWish(hint, (hostId) => places.get(toKey(accountId, hostId)) ?? null))
  const asking = webhooks.map(({ id, accountId }, index) => ({ id, accountId, ask: wishes[index]?.ask }))
  for (const { accountId } of lastOf(asking, ({ ask, accountId }) => (ask === 'credentials' ? accountId : null)))
    await requestCredentialCheck(app, tx, { accountId, runAt: app.clock.now() })
  for (const webhook of lastOf(asking, ({ ask, accountId }) => (ask === 'sweep' ? accountId : null)))
    await addSweep(app, tx, webhook)
  await addSyncs(
    app,
    tx,
    asking.flatMap(({ id, ask }) => (typeof ask === 'object' ? [{ id, repository: ask.sync }] : [])),
  )
  return wishes.map(({ followed }) => followed)
}

type Place = Repository | 'left-hook'

/**
 * What is known of the repositories that webhooks name. One that left the account keeps our hook where the host does not let it
 * be removed, and pushes to it would ask for a sweep each: they do when its removal is tried again.
 */
async function findPlaces(
  { clock }: AppContext,
  tx: Tx,
  webhooks: readonly HintedWebhook[],
): Promise<ReadonlyMap<string, Place>> {
  const named = webhooks.flatMap(({ accountId, hint }) =>
    hint.kind === 'repository' ? [{ accountId, hostId: hint.repository, elsewhere: hint.elsewhere === true }] : [],
  )
  const wanted = lastOf(named, ({ accountId, hostId }) => toKey(accountId, hostId))
  const stored = await listRepositoriesByHostIds(tx, wanted)
  const places = new Map<string, Place>(stored.map((one) => [toKey(one.accountId, one.hostId), one]))
  for (const { accountId, hostId, elsewhere } of wanted) {
    const key = toKey(accountId, hostId)
    if (elsewhere || places.has(key)) continue
    const left = await findLeftHook(tx, accountId, hostId)
    if (left !== null && left.nextAt > clock.now().getTime()) places.set(key, 'left-hook')
  }
  return places
}

const toKey = (accountId: AccountId, hostId: HostId): string => JSON.stringify([accountId, hostId])

function toWish(hint: WebhookHint, find: (hostId: HostId) => Place | null): Wish {
  switch (hint.kind) {
    case 'ignored':
      return { followed: { state: 'ignored' } }
    case 'credentials':
      return { followed: { state: 'done' }, ask: 'credentials' }
    case 'repository-list':
      return { followed: { state: 'done' }, ask: 'sweep' }
    case 'repository': {
      const repository = find(hint.repository)
      // A system hook tells of everybody's repositories.
      if (repository === null)
        return hint.elsewhere === true ? { followed: { state: 'ignored' } } : { followed: { state: 'done' }, ask: 'sweep' }
      if (repository === 'left-hook') return { followed: { state: 'ignored' } }
      const { id: repositoryId, linked } = repository
      if (!linked) return { followed: { state: 'ignored', repositoryId } }
      return { followed: { state: 'done', repositoryId }, ask: { sync: repository } }
    }
  }
}

async function addSweep(app: AppContext, tx: Tx, { id, accountId }: Omit<HintedWebhook, 'hint'>): Promise<void> {
  const at = await planWebhookSweep(tx, accountId, { now: app.clock.now().getTime(), pauseMs: SWEEP_PAUSE_MS })
  if (at === null) return
  await app.jobs.add(tx, {
    name: 'sweep-account',
    payload: { accountId, trigger: 'webhook', askedBy: webhookAsker(id) },
    key: sweepJobKey(accountId),
    runAt: new Date(at),
  })
}

async function addSyncs(
  app: AppContext,
  tx: Tx,
  webhooks: readonly { readonly id: number; readonly repository: Repository }[],
): Promise<void> {
  const wanted = lastOf(webhooks, ({ repository }) => repository.id)
  for (const { repository } of wanted) if (repository.webhook.state !== 'live') await markArrived(tx, repository)
  await addWebhookSyncs(
    app,
    tx,
    wanted.map(({ id, repository }) => ({
      repositoryId: repository.id,
      accountId: repository.accountId,
      askedBy: webhookAsker(id),
    })),
  )
}

/** The last of each key, sorted by it, so that two nodes lock the same jobs in the same order; of null none. */
function lastOf<T>(all: readonly T[], toKey: (one: T) => string | null): T[] {
  const byKey = new Map(all.map((one) => [toKey(one), one]))
  const keys = [...byKey.keys()].filter((key) => key !== null).toSorted((a, b) => (a < b ? -1 : 1))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/** Of a hook that people installed, only what arrives tells that it is there; one of ours that is to go does not count. */
async function markArrived(tx: Tx, { id, accountId, hostId }: Repository): Promise<void> {
  const account = await findAccount(tx, accountId)
  const own = await findProjectHook(tx, accountId, hostId)
  if (account?.webhooks !== 'manual' || own?.hook.generation !== null) return
  await saveProjectHook(tx, id, { state: 'live', reason: null, generation: null })
}
