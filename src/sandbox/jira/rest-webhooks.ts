import { type Answer, type Exchange, readJsonObject, Refusal, type Route } from './exchange.ts'
import { signedIn } from './rest-system.ts'
import type { SandboxWebhook, Webhooks } from './webhooks.ts'

/**
 * Webhooks over REST, for administrators: below `/rest/webhooks/1.0/webhook` up to Jira 9, below
 * `/rest/jira-webhook/1.0/webhooks` from 10, where they have a secret.
 */
export function webhookRoutes(webhooks: Webhooks, version: string): Route[] {
  const signs = Number.parseInt(version, 10) >= 10
  const { path, toJson, read } = signs ? SIGNED : UNSIGNED
  const one = new RegExp(`^${path}/(\\d+)$`)
  const all = new RegExp(`^${path}$`)
  const find = ([id = '']: string[]) => {
    const hook = webhooks.all.get(Number(id))
    if (hook === undefined) throw new Refusal(404, ['Webhook does not exist.'])
    return hook
  }
  const show = (exchange: Exchange, hook: SandboxWebhook) => toJson(hook, exchange.base)
  const routes: Route[] = [
    {
      method: 'GET',
      pattern: all,
      handle: (exchange) => ({ status: 200, body: [...webhooks.all.values()].map((hook) => show(exchange, hook)) }),
    },
    {
      method: 'POST',
      pattern: all,
      handle(exchange) {
        const hook: SandboxWebhook = { id: exchange.world.nextId(), ...NEW, updatedAt: exchange.now }
        Object.assign(hook, read(readJsonObject(exchange.body)), { updatedAt: exchange.now })
        checkHook(hook)
        webhooks.all.set(hook.id, hook)
        return { status: 201, body: show(exchange, hook) }
      },
    },
    { method: 'GET', pattern: one, handle: (exchange, parts) => ({ status: 200, body: show(exchange, find(parts)) }) },
    {
      method: 'PUT',
      pattern: one,
      handle(exchange, parts) {
        const hook = find(parts)
        const changed = { ...hook, ...read(readJsonObject(exchange.body)), updatedAt: exchange.now }
        checkHook(changed)
        Object.assign(hook, changed)
        return { status: 200, body: show(exchange, hook) }
      },
    },
    {
      method: 'DELETE',
      pattern: one,
      handle(_exchange, parts) {
        webhooks.all.delete(find(parts).id)
        return { status: 204 }
      },
    },
  ]
  return routes.map((route) => ({ ...route, handle: forAdministrators(route.handle) }))
}

const NEW = { name: '', url: '', events: [], enabled: true, jql: '', excludeBody: false, secret: null }

function forAdministrators(handle: Route['handle']): Route['handle'] {
  return (exchange, parts): Answer => {
    if (signedIn(exchange.user).administrator === true) return handle(exchange, parts)
    throw new Refusal(403, ['You do not have permission to manage webhooks.'])
  }
}

function checkHook({ name, url }: SandboxWebhook): void {
  if (name === '') throw new Refusal(400, ['The webhook must have a name.'])
  if (!/^https?:\/\//.test(url) || URL.parse(url) === null) throw new Refusal(400, [`The URL ${url} is not valid.`])
}

interface Generation {
  readonly path: string
  /** What the body says; what it does not say stays. */
  read(body: Record<string, unknown>): Partial<SandboxWebhook>
  toJson(hook: SandboxWebhook, base: string): Record<string, unknown>
}

const SIGNED: Generation = {
  path: '/rest/jira-webhook/1.0/webhooks',
  read(body) {
    // A secret beside `configuration` is ignored without a word.
    const configuration = toObject(body['configuration'])
    const secret = configuration['SECRET']
    return {
      ...shared(body),
      ...(typeof body['active'] === 'boolean' ? { enabled: body['active'] } : {}),
      ...(typeof configuration['FILTERS'] === 'string' ? { jql: configuration['FILTERS'] } : {}),
      ...('EXCLUDE_BODY' in configuration ? { excludeBody: String(configuration['EXCLUDE_BODY']) === 'true' } : {}),
      ...(typeof secret === 'string' && secret !== '' ? { secret } : {}),
    }
  },
  toJson: ({ id, name, url, events, enabled, jql, excludeBody, updatedAt }) => ({
    id,
    name,
    createdDate: updatedAt.getTime(),
    updatedDate: updatedAt.getTime(),
    events,
    configuration: { FILTERS: jql, EXCLUDE_BODY: String(excludeBody) },
    url,
    active: enabled,
    scopeType: 'global',
    sslVerificationRequired: true,
  }),
}

const UNSIGNED: Generation = {
  path: '/rest/webhooks/1.0/webhook',
  read(body) {
    const filters = toObject(body['filters'])['issue-related-events-section']
    return {
      ...shared(body),
      ...(typeof body['enabled'] === 'boolean' ? { enabled: body['enabled'] } : {}),
      ...(typeof filters === 'string' ? { jql: filters } : {}),
      ...(typeof body['excludeBody'] === 'boolean' ? { excludeBody: body['excludeBody'] } : {}),
    }
  },
  toJson: ({ id, name, url, events, enabled, jql, excludeBody, updatedAt }, base) => ({
    name,
    url,
    excludeBody,
    filters: { 'issue-related-events-section': jql },
    events,
    enabled,
    self: `${base}/rest/webhooks/1.0/webhook/${id}`,
    lastUpdatedUser: 'admin',
    lastUpdatedDisplayName: 'Administrator',
    lastUpdated: updatedAt.getTime(),
  }),
}

function shared(body: Record<string, unknown>): Partial<SandboxWebhook> {
  const { name, url, events } = body
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(Array.isArray(events) ? { events: events.map(String) } : {}),
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
