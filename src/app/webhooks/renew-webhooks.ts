import type { Account } from '../../domain/account.ts'
import type { HostId } from '../../domain/ids.ts'
import type { KnownRepository } from '../../db/stores/repositories.ts'
import type { HostConnection } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'
import { installWebhook, removeWebhook } from './install-webhook.ts'

/** A right that was missing may have been granted since. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000
/** Per sweep, each a few requests: an account of ten thousand repositories gets its hooks over many sweeps. */
const FIRST_TRIES = 500
const FURTHER_TRIES = 20

/** What is left of a sweep's tries. */
export interface WebhookBudget {
  first: number
  further: number
}

/** @param asked a person asked for this sweep: then broken hooks are not left for another day */
export function createWebhookBudget(asked: boolean): WebhookBudget {
  return { first: FIRST_TRIES, further: asked ? FIRST_TRIES : FURTHER_TRIES }
}

export interface WebhookRound {
  readonly account: Account
  readonly connection: HostConnection
  /** Linked repositories, and what was known of each before the sweep. */
  readonly repositories: readonly { readonly hostId: HostId; readonly known: KnownRepository | undefined }[]
  readonly budget: WebhookBudget
  readonly asked: boolean
}

/** Installs the hooks that the account's setting wants and that are not there, and removes those that it does not want. */
export async function renewWebhooks(
  app: AppContext,
  { account, connection, repositories, budget, asked }: WebhookRound,
  signal: AbortSignal,
): Promise<void> {
  const now = app.clock.now().getTime()
  for (const { hostId, known } of repositories) {
    const kind = whatIsDue(account, known, asked ? Number.POSITIVE_INFINITY : now)
    if (kind === null || budget[kind] <= 0) continue
    budget[kind] -= 1
    if (account.webhooks === 'off') await removeWebhook(app, { account, hostId }, signal)
    else await installWebhook(app, { account, connection, hostId }, signal)
  }
}

/** null: nothing is to be done. The stored state tells what the last try came to. */
function whatIsDue({ webhooks }: Account, known: KnownRepository | undefined, now: number): keyof WebhookBudget | null {
  const state = known?.webhookState ?? 'off'
  if (webhooks === 'off') return state === 'off' ? null : 'first'
  if (state === 'off') return 'first'
  const ours = webhooks === 'auto' || webhooks === 'project'
  // Installed by hand, or for a group: a project's hook of ours is not counted on any more.
  if (!ours) return state === 'live' ? 'first' : null
  if (state === 'live') return null
  return now - (known?.webhookCheckedAt ?? 0) >= LOOK_AGAIN_MS ? 'further' : null
}
