import type { Account } from '../../domain/account.ts'
import type { HostId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import { compareHookUrls, findAccountHook, setWebhookStates } from '../../db/stores/hooks.ts'
import type { KnownRepository } from '../../db/stores/repositories.ts'
import { findWebhookSecrets } from '../../db/stores/webhook-secrets.ts'
import type { AppContext } from '../app-context.ts'
import { findCover } from './account-cover.ts'
import { renewAccountHook, type AccountHookRound } from './account-hook.ts'
import { reconcileWebhook } from './reconcile-webhook.ts'
import { retryLeftHooks } from './retry-left-hooks.ts'
import { webhookUrl } from './webhook-address.ts'

/** A right that was missing may have been granted since. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000
/** A little less than the shortest usual time between two sweeps. */
const WATCH_PAUSE_MS = 55 * 60_000
/** Per sweep, each a few requests: an account of ten thousand repositories gets its hooks over many sweeps. */
const FIRST_TRIES = 500
const FURTHER_TRIES = 20
const WATCHED = 20

const MOVED = 'The hook has the former address of the connector (server.url): it is written again by the next sweeps.'

/** The webhooks of one sweep of an account. */
export interface WebhookRound {
  /** A page of the listing: installs hooks that the setting wants and that are not there, removes those that it does not want. */
  renew(repositories: readonly ListedHook[], signal: AbortSignal): Promise<void>
  /** The listing is complete. Looks whether the host still calls the hooks that it was longest not asked about. */
  finish(known: readonly KnownRepository[], signal: AbortSignal): Promise<void>
}

export interface ListedHook {
  readonly hostId: HostId
  readonly linked: boolean
  /** What was known before the sweep. */
  readonly known: KnownRepository | undefined
}

type Kind = 'first' | 'further'

interface Wanted {
  readonly account: Account
  readonly cover: Repository['webhook'] | null
  /** Generation of the account's secret. */
  readonly generation: number
  /** Address that the hooks call. */
  readonly url: string
  readonly now: number
  readonly asked: boolean
}

/** Begins with the one hook of the account, where the setting wants one: it says what the projects need. */
export async function beginWebhookRound(app: AppContext, round: AccountHookRound, signal: AbortSignal): Promise<WebhookRound> {
  const { account, asked } = round
  const url = webhookUrl(app.settings.serverUrl, account)
  await app.db.write('background', (tx) => compareHookUrls(tx, account.id, { url, reason: MOVED }))
  await renewAccountHook(app, round, signal)
  const cover = findCover(account, await findAccountHook(app.db.read, account.id))
  const generation = (await findWebhookSecrets(app.db.read, account.id))?.generation ?? 1
  const wanted: Wanted = { account, cover, generation, url, now: app.clock.now().getTime(), asked }
  const budget: Record<Kind, number> = { first: FIRST_TRIES, further: asked ? FIRST_TRIES : FURTHER_TRIES }
  return {
    async renew(repositories, signal) {
      for (const repository of repositories) {
        const kind = whatIsDue(wanted, repository)
        if (kind === null || budget[kind] <= 0) continue
        budget[kind] -= 1
        const end = await reconcileWebhook(app, { account, hostId: repository.hostId }, signal)
        if (end === 'limited') Object.assign(budget, { first: 0, further: 0 })
      }
    },
    async finish(known, signal) {
      if (cover !== null) await app.db.write('background', (tx) => setWebhookStates(tx, account.id, cover))
      else if (budget.further > 0) await watch(app, { wanted, known }, signal)
      if (budget.further > 0) await retryLeftHooks(app, { account, asked }, signal)
    },
  }
}

/** null: nothing is to be done. The stored state tells what the last try came to. */
function whatIsDue({ account, cover, generation, url, now, asked }: Wanted, { linked, known }: ListedHook): Kind | null {
  const state = known?.webhookState ?? 'off'
  const own = known?.webhookGeneration ?? null
  const installedUrl = known?.webhookUrl ?? null
  const isThere = own !== null || installedUrl !== null
  if (!linked || account.webhooks === 'off') return isThere || state !== 'off' ? 'first' : null
  if (cover !== null) return isThere ? 'first' : null
  if (account.webhooks === 'manual') return isThere || state === 'off' ? 'first' : null
  const checkedAt = known?.webhookCheckedAt ?? null
  if (state === 'off' || checkedAt === null) return 'first'
  if (own !== null && installedUrl !== null && installedUrl !== url) return 'first'
  // Live by the account's hook, which is no more; or with a secret that has been replaced.
  if (own === null ? state === 'live' : own < generation) return 'first'
  if (own !== null) return null
  return asked || now - checkedAt >= LOOK_AGAIN_MS ? 'further' : null
}

/** Those that wait longest first, so that in an account of any size each has its turn. */
async function watch(
  app: AppContext,
  { wanted, known }: { wanted: Wanted; known: readonly KnownRepository[] },
  signal: AbortSignal,
): Promise<void> {
  const { account, asked, now } = wanted
  const due = known
    .filter(({ linked, missingSince, webhookGeneration }) => linked && missingSince === null && webhookGeneration !== null)
    .filter(({ webhookCheckedAt }) => asked || now - (webhookCheckedAt ?? 0) >= WATCH_PAUSE_MS)
    .toSorted((a, b) => (a.webhookCheckedAt ?? 0) - (b.webhookCheckedAt ?? 0))
  for (const { hostId } of due.slice(0, asked ? FIRST_TRIES : WATCHED)) {
    if ((await reconcileWebhook(app, { account, hostId, method: 'watch' }, signal)) === 'limited') return
  }
}
