import type { Account } from '../../domain/account.ts'
import type { HostId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import {
  findAccountHook,
  findProjectHook,
  saveProjectHook,
  type ProjectHook,
  type RepositoryWithHook,
} from '../../db/stores/hooks.ts'
import { forgetLeftHook, noteLeftHook } from '../../db/stores/left-hooks.ts'
import { removeSigner } from '../../db/stores/webhook-signers.ts'
import type { WebhookPlace } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob } from '../sync/request-sync.ts'
import { findCover } from './account-cover.ts'
import { describeHookFailure, describeLeftHook, toHookState } from './hook-state.ts'
import { webhookUrl } from './webhook-address.ts'

export interface HookRequest {
  readonly account: Account
  readonly hostId: HostId
  /** watch: a hook that is there and called stays as it is; default: it is written again. */
  readonly method?: 'install' | 'watch'
  /** The repository is not this account's any more: its hook goes, whatever the setting. */
  readonly leaving?: boolean
  /** throw: what may pass is thrown instead of being stored as the hook's state; default: record. */
  readonly onFailure?: 'record' | 'throw'
}

/**
 * Brings a repository's own hook into line with the account's setting: installs or adopts it where it is wanted, removes
 * it where it is not. Whatever goes wrong leaves the schedule working and says why.
 *
 * @returns `limited`: the host's rate limit is used up, and further hooks had better wait
 */
export async function reconcileWebhook(
  app: AppContext,
  request: HookRequest,
  signal: AbortSignal,
): Promise<'settled' | 'limited'> {
  const { account, hostId } = request
  const repository = await findProjectHook(app.db.read, account.id, hostId)
  if (repository === null) return 'settled'
  const unwanted = await findStateWithoutHook(app, request, repository)
  try {
    if (unwanted === null) await install(app, { ...request, repository }, signal)
    else await remove(app, { account, repository, state: unwanted }, signal)
    return 'settled'
  } catch (error) {
    if (signal.aborted || request.onFailure === 'throw') throw error
    const isLimited = isConnectorError(error, 'rate-limited')
    app.log.warn({ repositoryId: repository.id, error: toProblem(error), cause: error }, 'webhook could not be set up')
    await recordFailure(app, { account, repository, unwanted, error, isLimited })
    // What fails here for a passing reason fails for the next one too: the round ends instead of waiting for each.
    return isConnectorError(error) && error.retryable ? 'limited' : 'settled'
  }
}

type ShownState = Pick<ProjectHook, 'state' | 'reason'>

/** null: the repository is to have a hook of its own. */
async function findStateWithoutHook(
  app: AppContext,
  { account, leaving = false }: HookRequest,
  { linked, hook }: RepositoryWithHook,
): Promise<ShownState | null> {
  if (leaving || !linked || account.webhooks === 'off') return { state: 'off', reason: null }
  if (account.webhooks === 'manual') {
    // Live by what arrived, unless that came from a hook of ours.
    if (hook.state === 'live' && hook.generation === null) return { state: 'live', reason: null }
    const address = webhookUrl(app.settings.serverUrl, account)
    return { state: 'polling', reason: `The hook is installed by hand with the address ${address}; none has arrived yet.` }
  }
  return findCover(account, await findAccountHook(app.db.read, account.id))
}

type Installation = HookRequest & { readonly repository: RepositoryWithHook }

async function install(
  app: AppContext,
  { account, repository, method = 'install' }: Installation,
  signal: AbortSignal,
): Promise<void> {
  const secret = await app.connections.webhookSecret(account.id)
  if (secret === null) return
  const { webhooks } = await app.connections.get(account.id)
  const url = webhookUrl(app.settings.serverUrl, account)
  const formerUrl = repository.hook.url === url ? null : repository.hook.url
  const hook = { url, secret: secret.text, formerUrl }
  const installed = await webhooks[method](toPlace(repository), hook, signal)
  const now = app.clock.now().getTime()
  await app.db.write('background', async (tx) => {
    const state = toHookState(installed, secret)
    // One that may not be written now may still be there as it was.
    const found = state.generation === null ? repository.hook.url : url
    await saveProjectHook(tx, repository.id, { ...state, url: found }, now)
    if (state.generation !== null) await forgetLeftHook(tx, account.id, repository.hostId)
    if (installed.state !== 'live') return
    if (installed.signs === false) await removeSigner(tx, account.id, repository.hostId)
    // What it would have told while it was stopped, or called another address.
    if (installed.woken || formerUrl !== null)
      await addSyncJob(app, tx, { repositoryId: repository.id, mode: 'soft', trigger: 'webhook' })
  })
}

async function remove(
  app: AppContext,
  { account, repository, state }: { account: Account; repository: RepositoryWithHook; state: ShownState },
  signal: AbortSignal,
): Promise<void> {
  const { generation, url: formerUrl } = repository.hook
  if (generation !== null || formerUrl !== null) {
    const { webhooks } = await app.connections.get(account.id)
    await webhooks.remove(toPlace(repository), { url: webhookUrl(app.settings.serverUrl, account), formerUrl }, signal)
  }
  await app.db.write('background', async (tx) => {
    await saveProjectHook(tx, repository.id, { ...state, generation: null, url: null })
    if (generation !== null || formerUrl !== null) await forgetLeftHook(tx, account.id, repository.hostId)
    // Of one that may come in its place nothing is known.
    await removeSigner(tx, account.id, repository.hostId)
  })
}

interface Failure {
  readonly account: Account
  readonly repository: RepositoryWithHook
  readonly unwanted: ShownState | null
  readonly error: unknown
  readonly isLimited: boolean
}

/** A hook that is there may still work: it keeps its generation as long as the failure may pass. */
async function recordFailure(app: AppContext, { account, repository, unwanted, error, isLimited }: Failure): Promise<void> {
  const passing = isConnectorError(error) && error.retryable
  const generation = passing ? repository.hook.generation : null
  const { hook } = repository
  const shown = unwanted ?? (generation !== null && hook.state === 'live' ? hook : describeHookFailure(error))
  const now = app.clock.now().getTime()
  const checkedAt = isLimited ? undefined : now
  // One that the host does not let go is kept elsewhere: its removal is tried less and less often.
  const isLeft = unwanted !== null && !passing
  const left = { hostId: repository.hostId, path: repository.name, webUrl: repository.url, url: hook.url }
  const { state } = shown
  const reason = isLeft && state === 'off' ? describeLeftHook(error) : shown.reason
  await app.db.write('background', async (tx) => {
    await saveProjectHook(tx, repository.id, { state, reason, generation, url: isLeft ? null : hook.url }, checkedAt)
    if (isLeft) await noteLeftHook(tx, account.id, { hook: { ...left, reason: describeLeftHook(error) }, now })
  })
}

function toPlace({ hostId, name, url }: RepositoryWithHook): WebhookPlace {
  return { level: 'project', repository: { hostId, path: name, webUrl: url } }
}
