import type { Account } from '../../domain/account.ts'
import { toProblem } from '../../domain/problem.ts'
import { findAccountHook, saveAccountHook, type AccountHook } from '../../db/stores/hooks.ts'
import { setWebhookGap } from '../../db/stores/webhook-gaps.ts'
import { removeSigner } from '../../db/stores/webhook-signers.ts'
import type { HostConnection, HostOwner, WebhookPlace } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { WebhookSecret } from '../accounts/connections.ts'
import { describeHookFailure, toHookState } from './hook-state.ts'
import { webhookUrl } from './webhook-address.ts'

/** A little less than the shortest usual time between two sweeps, so that each of them looks. */
const WATCH_PAUSE_MS = 55 * 60_000
/** A right that was missing may have been granted since. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000

export interface AccountHookRound {
  readonly account: Account
  readonly connection: HostConnection
  readonly owner: HostOwner
  /** A person asked: then it is looked at whenever it was last. */
  readonly asked: boolean
}

type OneHook = Exclude<WebhookPlace, { level: 'project' }>

/**
 * Brings the one hook of an account (of its group, or of the whole host) into line with its setting: one request when it
 * is there and called. A failure that may pass changes nothing of a hook that is there.
 */
export async function renewAccountHook(app: AppContext, round: AccountHookRound, signal: AbortSignal): Promise<void> {
  const { account } = round
  const place = choosePlace(account, round.owner)
  const stored = await findAccountHook(app.db.read, account.id)
  const known = stored !== null && (place === null || !isSamePlace(stored, place)) ? null : stored
  if (stored !== null && known === null && !(await removeAccountHook(app, account, signal))) return
  if (place === null) {
    if (account.webhooks === 'group') await saveHook(app, account, toNoGroup(app))
    return
  }
  const secret = await app.connections.webhookSecret(account.id)
  const isMoved = isMovedHook(app, account, known)
  if (secret === null || !isDue(known, { asked: round.asked || isMoved, secret, now: app.clock.now().getTime() })) return
  try {
    await resaveAccountHook(app, { ...round, place, known, secret }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    app.log.warn({ account: account.id, error: toProblem(error), cause: error }, 'webhook of the account could not be set up')
    if (known !== null && isMoved) await saveHook(app, account, { ...known, ...describeMoved(error), signs: null })
    // With `auto` the projects have theirs, or get them; what is there stays.
    if (known !== null || account.webhooks === 'auto') return
    await saveHook(app, account, { ...toHook(app, place), ...describeHookFailure(error), generation: null, url: null })
  }
}

/** Writes the hook of the account again if it is there and carries an older secret; throws what may pass. */
export async function renewAccountSecret(app: AppContext, account: Account, signal: AbortSignal): Promise<void> {
  const known = await findAccountHook(app.db.read, account.id)
  const secret = await app.connections.webhookSecret(account.id)
  if (known === null || secret === null || known.generation === null || known.generation >= secret.generation) return
  const connection = await app.connections.get(account.id)
  await resaveAccountHook(app, { account, connection, place: toPlace(known), known, secret }, signal)
}

/** Removes the hook of the account from the host and forgets it; false, and nothing forgotten, when that may work later. */
export async function removeAccountHook(app: AppContext, account: Account, signal: AbortSignal): Promise<boolean> {
  const stored = await findAccountHook(app.db.read, account.id)
  if (stored === null) return true
  try {
    if (stored.generation !== null || stored.url !== null) {
      const { webhooks } = await app.connections.get(account.id)
      const hook = { url: webhookUrl(app.settings.serverUrl, account), formerUrl: stored.url }
      await webhooks.remove(toPlace(stored), hook, signal)
    }
  } catch (error) {
    if (signal.aborted) throw error
    app.log.warn({ account: account.id, error: toProblem(error), cause: error }, 'webhook of the account could not be removed')
    if (isConnectorError(error) && error.retryable) return false
  }
  await app.db.write('background', async (tx) => {
    await saveAccountHook(tx, account.id, null)
    await removeSigner(tx, account.id, 'account')
  })
  return true
}

interface Resave {
  readonly account: Account
  readonly connection: HostConnection
  readonly place: OneHook
  readonly known: AccountHook | null
  readonly secret: WebhookSecret
}

async function resaveAccountHook(app: AppContext, { account, connection, ...hook }: Resave, signal: AbortSignal): Promise<void> {
  const { place, known, secret } = hook
  const url = webhookUrl(app.settings.serverUrl, account)
  const isMoved = isMovedHook(app, account, known)
  const wanted = { url, secret: secret.text, formerUrl: isMoved ? (known?.url ?? null) : null }
  const method = known?.generation === secret.generation ? 'watch' : 'install'
  const installed = await connection.webhooks[method](place, wanted, signal)
  const woken = installed.state === 'live' && (installed.woken || isMoved)
  if (woken) app.log.info({ account: account.id }, 'webhook of the account was not called for a while: woken')
  // A hook that does not work now may have signed all the same.
  const signs = installed.state === 'live' ? installed.signs : null
  const state = toHookState(installed, secret)
  // One that may not be written now may still be there as it was.
  const found = state.generation === null ? (known?.url ?? null) : url
  await saveHook(app, account, { ...toHook(app, place), ...state, url: found, signs, woken })
}

async function saveHook(
  app: AppContext,
  account: Account,
  { signs = false, woken = false, ...hook }: AccountHook & { signs?: boolean | null; woken?: boolean },
): Promise<void> {
  await app.db.write('background', async (tx) => {
    await saveAccountHook(tx, account.id, hook)
    // What was missed meanwhile the sweep reads, this one or a later one.
    if (woken) await setWebhookGap(tx, account.id, { wokenAt: app.clock.now().getTime() })
    if (signs === false) await removeSigner(tx, account.id, 'account')
  })
}

function choosePlace({ webhooks }: Account, owner: HostOwner): OneHook | null {
  if (webhooks === 'system') return { level: 'system' }
  const group = owner.kind === 'group' ? owner.hostId : null
  return (webhooks === 'auto' || webhooks === 'group') && group !== null ? { level: 'group', group } : null
}

function toNoGroup({ clock }: AppContext): AccountHook {
  const reason = 'Webhooks are set to "group", and the owner is no group: the repositories are polled.'
  return { level: 'group', owner: null, state: 'polling', reason, generation: null, checkedAt: clock.now().getTime(), url: null }
}

function toHook({ clock }: AppContext, place: OneHook): Pick<AccountHook, 'level' | 'owner' | 'checkedAt'> {
  const owner = place.level === 'group' ? place.group : null
  return { level: place.level, owner, checkedAt: clock.now().getTime() }
}

function toPlace({ level, owner }: AccountHook): OneHook {
  return level === 'group' && owner !== null ? { level, group: owner } : { level: 'system' }
}

function isSamePlace(hook: AccountHook, place: OneHook): boolean {
  return hook.level === place.level && hook.owner === (place.level === 'group' ? place.group : null)
}

/** Installed with another address than today's: it calls nobody. */
function isMovedHook({ settings }: AppContext, account: Account, known: AccountHook | null): boolean {
  return known !== null && known.url !== null && known.url !== webhookUrl(settings.serverUrl, account)
}

function describeMoved(error: unknown): Pick<AccountHook, 'state' | 'reason'> {
  const { reason } = describeHookFailure(error)
  return { state: 'broken', reason: `The webhook has the former address of the connector (server.url). ${reason}` }
}

function isDue(
  known: AccountHook | null,
  { asked, secret, now }: { asked: boolean; secret: WebhookSecret; now: number },
): boolean {
  if (known === null || asked) return true
  if (known.generation !== null && known.generation < secret.generation) return true
  return now - known.checkedAt >= (known.state === 'polling' ? LOOK_AGAIN_MS : WATCH_PAUSE_MS)
}
