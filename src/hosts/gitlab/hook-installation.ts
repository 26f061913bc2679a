import { z } from 'zod'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HttpResponse } from '../../lib/http-client.ts'
import type { WantedWebhook, WebhookInstallation, WebhookObstacle, WebhookPlace } from '../types.ts'
import { describeRefusal } from './answer-error.ts'
import { parseAnswer, type GitLabClient } from './client.ts'
import { describeRight, toEvents, toHooksPath } from './hook-place.ts'
import { getPage, listPages, PER_PAGE } from './paging.ts'
import { hookSchema, type HookJson } from './schema.ts'
import { findScopes } from './token-check.ts'
import { isSigningToken, toPlainToken } from './webhook.ts'

export interface HookInstaller {
  /** Speaks as the webhook administrator where there is one. */
  readonly client: GitLabClient
  /** True when `client` has a token of its own, apart from the one that reads. */
  readonly separate: boolean
}

export interface HookWork {
  readonly place: WebhookPlace
  readonly signal: AbortSignal
}

type Work = HookWork & { readonly client: GitLabClient }

/** An address that GitLab does not want is answered so, and so is one hook too many. */
const REFUSED = [400, 422]
/** A system hook cannot be changed before GitLab 17.x. */
const NOT_CHANGEABLE = [404, 405]

/**
 * Finds our hook by its address, or by its former one, and brings address, secret and events up to date, or creates it;
 * surplus ones are removed. A stopped one is woken. Without the right to do so the repositories are polled.
 *
 * @param rewrite false: a hook that is there, carries what GitLab tells of a secret, and is called stays as it is
 */
export async function installHook(
  { client, separate }: HookInstaller,
  wanted: WantedWebhook,
  { place, signal, rewrite }: HookWork & { readonly rewrite: boolean },
): Promise<WebhookInstallation> {
  const work = { client, place, signal }
  try {
    const [existing, ...surplus] = await findHooks(work, wanted)
    for (const hook of surplus) await deleteHook(work, hook)
    const asWanted = existing?.url === wanted.url && !lacksSecret(existing, wanted)
    const written = rewrite || !asWanted ? await write(work, wanted, existing) : null
    if (written !== null && REFUSED.includes(written.status)) return toRefused(written, wanted)
    const hook = written === null ? existing : parseAnswer(written, hookSchema)
    if (hook === undefined) throw new Error('a hook that is not there was not written')
    const signs = hook.signing_token_present ?? null
    const woken = !rewrite && (existing === undefined || existing.token_present === false)
    return isHalted(hook) ? await wake(work, hook, wanted) : { state: 'live', signs, woken }
  } catch (error) {
    const reason = toPollingReason(error, { place, separate })
    if (reason === null) throw error
    return { state: 'polling', reason }
  }
}

/** Whether the hooks of a place can be listed, and whether the token's scopes, as far as GitLab tells them, let one be written. */
export async function findHookObstacle(
  { client, separate }: HookInstaller,
  { place, signal }: HookWork,
): Promise<WebhookObstacle | null> {
  const right = describeRight(place)
  const toReason = (error: unknown) => toPollingReason(error, { place, separate })
  try {
    const scopes = await findScopes(client, signal)
    if (scopes !== null && !scopes.includes('api')) {
      const missing = new ConnectorError('scope-missing', { userMessage: 'The scope api is missing.' })
      return { right, reason: toReason(missing) ?? missing.userMessage }
    }
    await getPage(client, client.address(toHooksPath(place), { per_page: 1 }), { item: hookSchema, signal })
    return null
  } catch (error) {
    const reason = toReason(error)
    if (reason === null) throw error
    return { right, reason }
  }
}

/** Removes every hook of that address, and of the former one; a place that is gone has none. */
export async function removeHook({ client }: HookInstaller, wanted: Addressed, { place, signal }: HookWork): Promise<void> {
  const work = { client, place, signal }
  try {
    for (const hook of await findHooks(work, wanted)) await deleteHook(work, hook)
  } catch (error) {
    if (!isConnectorError(error, 'not-found')) throw error
  }
}

type Addressed = Omit<WantedWebhook, 'secret'>

/** Those that have the wanted address already come first. */
async function findHooks({ client, place, signal }: Work, { url, formerUrl }: Addressed): Promise<HookJson[]> {
  const found: HookJson[] = []
  const list = client.address(toHooksPath(place), { per_page: PER_PAGE })
  for await (const page of listPages(client, list, { item: hookSchema, signal })) {
    found.push(...page.items.filter((hook) => hook.url === url || hook.url === formerUrl))
  }
  return found.toSorted((a, b) => Number(b.url === url) - Number(a.url === url))
}

/** GitLab tells that a secret is there, never which. */
function lacksSecret(hook: HookJson, { secret }: WantedWebhook): boolean {
  return hook.token_present === false || (hook.signing_token_present === false && isSigningToken(secret))
}

async function write(work: Work, wanted: WantedWebhook, existing: HookJson | undefined): Promise<HttpResponse> {
  const { client, place, signal } = work
  const json = {
    url: wanted.url,
    token: toPlainToken(wanted.secret),
    ...(isSigningToken(wanted.secret) ? { signing_token: wanted.secret } : {}),
    enable_ssl_verification: true,
    ...toEvents(place),
  }
  const create = () => client.request({ method: 'POST', url: client.address(toHooksPath(place)), json, signal, accept: REFUSED })
  if (existing === undefined) return create()
  const accept = place.level === 'system' ? [...REFUSED, ...NOT_CHANGEABLE] : REFUSED
  const changed = await client.request({ method: 'PUT', url: addressOf(work, existing), json, signal, accept })
  if (!NOT_CHANGEABLE.includes(changed.status)) return changed
  await deleteHook(work, existing)
  return create()
}

async function deleteHook(work: Work, hook: HookJson): Promise<void> {
  await work.client.request({ method: 'DELETE', url: addressOf(work, hook), signal: work.signal, accept: [404] })
}

function addressOf({ client, place }: Work, { id }: HookJson, more = ''): URL {
  return client.address(`${toHooksPath(place)}/${id}${more}`)
}

/** GitLab stops hooks that failed (since 15.x); a successful test call starts them again. */
function isHalted({ alert_status }: HookJson): boolean {
  return alert_status === 'disabled' || alert_status === 'temporarily_disabled'
}

async function wake(work: Work, hook: HookJson, wanted: WantedWebhook): Promise<WebhookInstallation> {
  const url = addressOf(work, hook, '/test/push_events')
  const answer = await work.client.request({ method: 'POST', url, signal: work.signal, accept: [...REFUSED, 404, 429] })
  if (answer.status < 300) return { state: 'live', signs: hook.signing_token_present ?? null, woken: true }
  const reason =
    `GitLab has stopped the webhook because calls to it failed, and a test call failed too${describeRefusal(answer, secretsOf(wanted))}. ` +
    "Check that GitLab reaches the connector's address (server.url); the connector tries again by itself."
  return { state: 'broken', reason, installed: true }
}

/** What GitLab, or a proxy before it, may repeat of the request. */
const secretsOf = ({ secret }: WantedWebhook) => [secret, toPlainToken(secret)]

/** Validation of the hook as a whole, such as the number of hooks, is told under `base`. */
const wholeSchema = z.object({ message: z.object({ base: z.unknown() }).refine(({ base }) => base !== undefined) })

function toRefused(answer: HttpResponse, wanted: WantedWebhook): WebhookInstallation {
  if (wholeSchema.safeParse(toJson(answer)).success) {
    const reason = `GitLab takes no further webhook here${describeRefusal(answer, secretsOf(wanted))}: remove hooks that are not needed.`
    return { state: 'polling', reason }
  }
  const reason =
    `GitLab refuses the address of the webhook${describeRefusal(answer, secretsOf(wanted))}. For a connector in a private network an administrator ` +
    'of GitLab allows it under Admin > Settings > Network > Outbound requests (local requests from webhooks, or the allowlist).'
  return { state: 'broken', reason, installed: false }
}

function toJson({ body }: HttpResponse): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** null: not a matter of rights. */
function toPollingReason(error: unknown, { place, separate }: { place: WebhookPlace; separate: boolean }): string | null {
  const token = separate ? 'The token for webhooks' : 'The token'
  const polled = place.level === 'project' ? 'the repository is polled' : 'the repositories are polled'
  if (isConnectorError(error, 'scope-missing')) return `${token} lacks the scope api: ${polled}.`
  if (isConnectorError(error, 'permission-missing') || isConnectorError(error, 'not-found')) {
    return `${token} may not manage webhooks (that takes ${describeRight(place)}): ${polled}.`
  }
  if (separate && isConnectorError(error, 'credentials-refused'))
    return `${token} is refused (wrong, expired or revoked): ${polled}.`
  return null
}
