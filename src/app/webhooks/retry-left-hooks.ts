import { findProjectHook, saveProjectHook } from '../../db/stores/hooks.ts'
import { forgetLeftHook, listLeftHooks, noteLeftHook, type LeftHook } from '../../db/stores/left-hooks.ts'
import type { Account } from '../../domain/account.ts'
import { toProblem } from '../../domain/problem.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { describeLeftHook } from './hook-state.ts'
import { webhookUrl } from './webhook-address.ts'

/** Per sweep, each a request or two. */
const TRIES = 20

/**
 * Tries again to remove hooks that the host did not let go: each after twice the time, up to once a day. What fails for a
 * passing reason ends the round.
 *
 * @param round `asked`: a person asked, and all are tried
 */
export async function retryLeftHooks(
  app: AppContext,
  { account, asked }: { readonly account: Account; readonly asked: boolean },
  signal: AbortSignal,
): Promise<void> {
  const dueBy = asked ? {} : { dueBy: app.clock.now().getTime() }
  for (const hook of await listLeftHooks(app.db.read, account.id, { ...dueBy, limit: TRIES })) {
    signal.throwIfAborted()
    if (!(await retry(app, { account, hook }, signal))) return
  }
}

interface OneLeftHook {
  readonly account: Account
  readonly hook: LeftHook
}

/** False: it had better wait, and so had the others. */
async function retry(app: AppContext, { account, hook }: OneLeftHook, signal: AbortSignal): Promise<boolean> {
  const own = await findProjectHook(app.db.read, account.id, hook.hostId)
  // Wanted again; or what is there with our address now may be somebody's who installed it by hand.
  const isWanted = own !== null && (own.hook.generation !== null || account.webhooks === 'manual')
  try {
    if (!isWanted) await remove(app, { account, hook }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    if (isConnectorError(error) && error.retryable) return false
    app.log.info({ account: account.id, repository: hook.path, error: toProblem(error) }, 'unwanted webhook still not removed')
    const reason = describeLeftHook(error)
    const now = app.clock.now().getTime()
    await app.db.write('background', (tx) => noteLeftHook(tx, account.id, { hook: { ...hook, reason }, now }))
    return true
  }
  await app.db.write('background', async (tx) => {
    await forgetLeftHook(tx, account.id, hook.hostId)
    if (own?.hook.state === 'off') await saveProjectHook(tx, own.id, { ...own.hook, reason: null })
  })
  return true
}

async function remove(app: AppContext, { account, hook }: OneLeftHook, signal: AbortSignal): Promise<void> {
  const { webhooks } = await app.connections.get(account.id)
  const repository = { hostId: hook.hostId, path: hook.path, webUrl: hook.webUrl }
  const address = { url: webhookUrl(app.settings.serverUrl, account), formerUrl: hook.url }
  await webhooks.remove({ level: 'project', repository }, address, signal)
}
