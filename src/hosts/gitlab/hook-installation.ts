import { isConnectorError } from '../../lib/connector-error.ts'
import type { Logger } from '../../lib/logger.ts'
import type { HostRepositoryRef, WebhookInstallation } from '../types.ts'
import type { HttpResponse } from '../../lib/http-client.ts'
import { describeRefusal } from './answer-error.ts'
import { parseAnswer, type GitLabClient } from './client.ts'
import { listPages, PER_PAGE } from './paging.ts'
import { hookSchema, type HookJson } from './schema.ts'
import { isSigningToken, toPlainToken } from './webhook.ts'

export interface HookInstaller {
  /** Speaks as the webhook administrator where there is one. */
  readonly client: GitLabClient
  /** True when `client` has a token of its own, apart from the one that reads. */
  readonly separate: boolean
  readonly log: Logger
}

/** One repository's hook at GitLab. */
interface Place {
  readonly client: GitLabClient
  readonly repository: HostRepositoryRef
  readonly signal: AbortSignal
}

export interface WantedHook {
  readonly url: string
  readonly secret: string
}

/** What wakes a synchronisation; jobs, issues and wiki pages would only cost GitLab's limits. */
const EVENTS = {
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  note_events: true,
  pipeline_events: true,
  deployment_events: true,
  releases_events: false,
  issues_events: false,
  confidential_issues_events: false,
  confidential_note_events: false,
  job_events: false,
  wiki_page_events: false,
}

/** An address that GitLab does not want is answered so. */
const ADDRESS_REFUSED = [400, 422]

/**
 * Finds our hook by its address and brings secret and events up to date, or creates it; surplus ones of the same address
 * are removed. Without the right to do so the repository is polled.
 */
export async function installHook(
  { client, separate }: HookInstaller,
  wanted: WantedHook,
  { repository, signal }: Omit<Place, 'client'>,
): Promise<WebhookInstallation> {
  const place = { client, repository, signal }
  try {
    const [existing, ...surplus] = await findHooks(place, wanted.url)
    for (const hook of surplus) await deleteHook(place, hook)
    const answer = await writeHook(place, wanted, existing?.id ?? null)
    if (ADDRESS_REFUSED.includes(answer.status)) return { state: 'broken', reason: toAddressReason(answer) }
    const hook = parseAnswer(answer, hookSchema)
    return isHalted(hook) ? await revive(place, hook) : { state: 'live' }
  } catch (error) {
    const reason = toPollingReason(error, separate)
    if (reason === null) throw error
    return { state: 'polling', reason }
  }
}

/** Removes every hook of that address; a repository that is gone has none, one that refuses keeps it (logged). */
export async function removeHook(
  { client, log }: HookInstaller,
  url: string,
  { repository, signal }: Omit<Place, 'client'>,
): Promise<void> {
  const place = { client, repository, signal }
  try {
    for (const hook of await findHooks(place, url)) await deleteHook(place, hook)
  } catch (error) {
    if (isConnectorError(error, 'not-found')) return
    if (!isConnectorError(error, 'permission-missing') && !isConnectorError(error, 'scope-missing')) throw error
    log.warn({ repository: repository.path, code: error.code }, 'webhook could not be removed')
  }
}

async function findHooks({ client, repository, signal }: Place, url: string): Promise<HookJson[]> {
  const found: HookJson[] = []
  const list = client.address(`projects/${repository.hostId}/hooks`, { per_page: PER_PAGE })
  for await (const page of listPages(client, list, { item: hookSchema, signal })) {
    found.push(...page.items.filter((hook) => hook.url === url))
  }
  return found
}

async function writeHook(
  { client, repository, signal }: Place,
  wanted: WantedHook,
  hookId: number | null,
): Promise<HttpResponse> {
  const json = {
    url: wanted.url,
    token: toPlainToken(wanted.secret),
    ...(isSigningToken(wanted.secret) ? { signing_token: wanted.secret } : {}),
    enable_ssl_verification: true,
    ...EVENTS,
  }
  const url = client.address(`projects/${repository.hostId}/hooks${hookId === null ? '' : `/${hookId}`}`)
  return client.request({ method: hookId === null ? 'POST' : 'PUT', url, json, signal, accept: ADDRESS_REFUSED })
}

async function deleteHook({ client, repository, signal }: Place, { id }: HookJson): Promise<void> {
  const url = client.address(`projects/${repository.hostId}/hooks/${id}`)
  await client.request({ method: 'DELETE', url, signal, accept: [404] })
}

/** GitLab stops hooks that failed (since 15.x); a successful test call starts them again. */
function isHalted({ alert_status }: HookJson): boolean {
  return alert_status === 'disabled' || alert_status === 'temporarily_disabled'
}

async function revive({ client, repository, signal }: Place, { id }: HookJson): Promise<WebhookInstallation> {
  const url = client.address(`projects/${repository.hostId}/hooks/${id}/test/push_events`)
  const answer = await client.request({ method: 'POST', url, signal, accept: [...ADDRESS_REFUSED, 404, 429] })
  if (answer.status < 300) return { state: 'live' }
  const reason =
    `GitLab has stopped the webhook because calls to it failed, and a test call failed too${describeRefusal(answer)}. ` +
    "Check that GitLab reaches the connector's address (server.url), then install the webhook again."
  return { state: 'broken', reason }
}

function toAddressReason(answer: HttpResponse): string {
  return (
    `GitLab refuses the address of the webhook${describeRefusal(answer)}. For a connector in a private network an administrator ` +
    'of GitLab allows it under Admin > Settings > Network > Outbound requests (local requests from webhooks, or the allowlist).'
  )
}

/** null: not a matter of rights. */
function toPollingReason(error: unknown, separate: boolean): string | null {
  const token = separate ? 'The token for webhooks' : 'The token'
  if (isConnectorError(error, 'scope-missing')) return `${token} lacks the scope api: the repository is polled.`
  if (isConnectorError(error, 'permission-missing') || isConnectorError(error, 'not-found')) {
    return `${token} may not manage webhooks (that takes the role Maintainer and the scope api): the repository is polled.`
  }
  if (separate && isConnectorError(error, 'credentials-refused'))
    return `${token} is refused (wrong, expired or revoked): the repository is polled.`
  return null
}
