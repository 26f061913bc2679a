import { type Answer, type Exchange, readJson, readJsonObject, Refusal, type Route } from './exchange.ts'
import { issueFor, visibleIssue } from './rest-issue.ts'

const ISSUE = String.raw`/rest/api/2/issue/([^/]+)`
const LONGEST_PROPERTY_KEY = 255
const LONGEST_PROPERTY_VALUE = 32_768

/** What is attached to an issue: properties and remote links. */
export function issueDataRoutes(): Route[] {
  const route = (method: string, rest: string, handle: Route['handle']): Route => ({
    method,
    pattern: new RegExp(`^${ISSUE}${rest}$`),
    handle,
  })
  return [
    route('GET', '/properties', listProperties),
    route('GET', '/properties/([^/]+)', readProperty),
    route('PUT', '/properties/([^/]+)', writeProperty),
    route('DELETE', '/properties/([^/]+)', deleteProperty),
    route('GET', '/remotelink', listRemoteLinks),
    route('POST', '/remotelink', writeRemoteLink),
    route('DELETE', '/remotelink', deleteRemoteLink),
  ]
}

function listProperties(exchange: Exchange, [issue = '']: string[]): Answer {
  const { id, properties } = visibleIssue(exchange, issue)
  const keys = [...properties.keys()].map((key) => ({ self: `${exchange.base}/rest/api/2/issue/${id}/properties/${key}`, key }))
  return { status: 200, body: { keys } }
}

function readProperty(exchange: Exchange, [issue = '', key = '']: string[]): Answer {
  const value = visibleIssue(exchange, issue).properties.get(key)
  if (value === undefined) throw new Refusal(404, [`The property ${key} does not exist.`])
  return { status: 200, body: { key, value } }
}

function writeProperty(exchange: Exchange, [issueKey = '', key = '']: string[]): Answer {
  const { properties } = issueFor(exchange, issueKey, 'EDIT_ISSUES')
  if (key.length > LONGEST_PROPERTY_KEY)
    throw new Refusal(400, [`The property key cannot be longer than ${LONGEST_PROPERTY_KEY} characters.`])
  if (exchange.body.toString('utf8').length > LONGEST_PROPERTY_VALUE) {
    throw new Refusal(413, [`The property value cannot be longer than ${LONGEST_PROPERTY_VALUE} characters.`])
  }
  const known = properties.has(key)
  properties.set(key, readJson(exchange.body))
  return { status: known ? 200 : 201 }
}

function deleteProperty(exchange: Exchange, [issueKey = '', key = '']: string[]): Answer {
  if (!issueFor(exchange, issueKey, 'EDIT_ISSUES').properties.delete(key))
    throw new Refusal(404, [`The property ${key} does not exist.`])
  return { status: 204 }
}

function listRemoteLinks(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { remoteLinks } = visibleIssue(exchange, issueKey)
  const globalId = exchange.query.get('globalId')
  if (globalId === null) return { status: 200, body: remoteLinks.map(({ id, value }) => ({ id, ...value })) }
  const link = remoteLinks.find((one) => one.globalId === globalId)
  if (link === undefined) throw new Refusal(404, [`No remote issue link with global id '${globalId}' was found.`])
  return { status: 200, body: { id: link.id, ...link.value } }
}

function writeRemoteLink(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const issue = issueFor(exchange, issueKey, 'LINK_ISSUES')
  const value = readJsonObject(exchange.body)
  const object = value['object'] as { url?: unknown; title?: unknown } | undefined
  const missing = (['url', 'title'] as const).filter((field) => typeof object?.[field] !== 'string' || object[field] === '')
  if (missing.length > 0)
    throw new Refusal(400, [], Object.fromEntries(missing.map((field) => [field, `'${field}' is required.`])))
  const globalId = typeof value['globalId'] === 'string' ? value['globalId'] : null
  if (globalId !== null && globalId.length > 255)
    throw new Refusal(400, [], { globalId: 'The global id cannot be longer than 255 characters.' })
  const known = globalId === null ? undefined : issue.remoteLinks.find((link) => link.globalId === globalId)
  if (known !== undefined) known.value = value
  const link = known ?? { id: exchange.world.nextId(), globalId, value }
  if (known === undefined) issue.remoteLinks.push(link)
  const self = `${exchange.base}/rest/api/2/issue/${issue.key}/remotelink/${link.id}`
  return { status: known === undefined ? 201 : 200, body: { id: link.id, self } }
}

function deleteRemoteLink(exchange: Exchange, [issueKey = '']: string[]): Answer {
  const { remoteLinks } = issueFor(exchange, issueKey, 'LINK_ISSUES')
  const globalId = exchange.query.get('globalId')
  const index = remoteLinks.findIndex((link) => globalId !== null && link.globalId === globalId)
  if (index < 0) throw new Refusal(404, [`No remote issue link with global id '${globalId}' was found.`])
  remoteLinks.splice(index, 1)
  return { status: 204 }
}
