import type { Account } from '../../domain/account.ts'
import type { HostId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import { findRepositoryByHostId, setWebhookChecked, setWebhookState } from '../../db/stores/repositories.ts'
import type { HostConnection } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'

/** Address to which the host sends an account's webhooks. */
export function webhookUrl(serverUrl: string, account: Pick<Account, 'id'>): string {
  return `${serverUrl}/webhooks/${encodeURIComponent(account.id)}`
}

export interface WebhookPlace {
  readonly account: Account
  readonly connection: HostConnection
  readonly hostId: HostId
}

/** Installs or adopts the repository's webhook; whatever goes wrong leaves the schedule working and says why. */
export async function installWebhook(
  app: AppContext,
  { account, connection, hostId }: WebhookPlace,
  signal: AbortSignal,
): Promise<void> {
  const repository = await findRepositoryByHostId(app.db.read, account.id, hostId)
  if (repository === null) return
  const state = await install(app, { account, connection, repository }, signal)
  await app.db.write('background', async (tx) => {
    await setWebhookState(tx, repository.id, state)
    await setWebhookChecked(tx, repository.id, app.clock.now().getTime())
  })
}

async function install(
  app: AppContext,
  { account, connection, repository }: { account: Account; connection: HostConnection; repository: Repository },
  signal: AbortSignal,
): Promise<Repository['webhook']> {
  if (account.webhooks === 'off') return { state: 'off', reason: null }
  const [secret] = await app.connections.webhookSecrets(account.id)
  if (account.webhooks !== 'auto' && account.webhooks !== 'project') {
    return {
      state: 'polling',
      reason: `Webhooks are set to "${account.webhooks}": the hook is installed by hand with the address ${webhookUrl(app.settings.serverUrl, account)}.`,
    }
  }
  if (secret === undefined) return { state: 'polling', reason: 'No webhook secret is set.' }
  try {
    const address = { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
    const installed = await connection.webhooks.install(
      address,
      { url: webhookUrl(app.settings.serverUrl, account), secret },
      signal,
    )
    return installed.state === 'live' ? { state: 'live', reason: null } : installed
  } catch (error) {
    if (signal.aborted) throw error
    const problem = toProblem(error)
    app.log.warn({ repositoryId: repository.id, error: problem, cause: error }, 'webhook could not be installed')
    return { state: 'broken', reason: [problem.message, problem.remedy].filter((text) => text !== null).join(' ') }
  }
}

/** Removes our webhook from a repository, best effort: the repository or the right may be gone. */
export async function removeWebhook(
  app: AppContext,
  { account, hostId }: { account: Account; hostId: HostId },
  signal: AbortSignal,
): Promise<void> {
  const repository = await findRepositoryByHostId(app.db.read, account.id, hostId)
  if (repository === null || repository.webhook.state === 'off') return
  try {
    const connection = await app.connections.get(account.id)
    const address = { hostId, path: repository.name, webUrl: repository.url }
    await connection.webhooks.remove(address, { url: webhookUrl(app.settings.serverUrl, account) }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    app.log.warn({ repositoryId: repository.id, error: toProblem(error), cause: error }, 'webhook could not be removed')
  }
  await app.db.write('background', (tx) => setWebhookState(tx, repository.id, { state: 'off', reason: null }))
}
