import { type Answer, type Exchange, readJson, Refusal, type Route } from './exchange.ts'
import { signedIn } from './rest-system.ts'

const PATTERN = /^\/rest\/api\/2\/user\/properties\/([^/]+)$/

/** What apps attach to a user: theirs to read and write, and an administrator's. */
export function userPropertyRoutes(): Route[] {
  return [
    { method: 'GET', pattern: PATTERN, handle: read },
    { method: 'PUT', pattern: PATTERN, handle: write },
  ]
}

function read(exchange: Exchange, [key = '']: string[]): Answer {
  const value = exchange.world.userProperties.get(toPlace(exchange, key))
  if (value === undefined) throw new Refusal(404, [`The property ${key} does not exist.`])
  return { status: 200, body: { key, value } }
}

function write(exchange: Exchange, [key = '']: string[]): Answer {
  const { userProperties } = exchange.world
  const place = toPlace(exchange, key)
  const known = userProperties.has(place)
  userProperties.set(place, readJson(exchange.body))
  return { status: known ? 200 : 201 }
}

function toPlace({ query, user, world }: Exchange, key: string): string {
  const self = signedIn(user)
  const asked = world.findUser(query.get('userKey') ?? query.get('username') ?? '')
  if (asked === null) throw new Refusal(404, ['The user does not exist.'])
  if (asked.name !== self.name && self.administrator !== true) throw new Refusal(403, ['You do not have permission to do this.'])
  return JSON.stringify([asked.name, key])
}
