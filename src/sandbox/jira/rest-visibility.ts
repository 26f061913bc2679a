import { type Answer, type Exchange, Refusal, type Route } from './exchange.ts'
import { signedIn, type SystemSettings, toUser } from './rest-system.ts'

/** One user by name, and one app as the Universal Plugin Manager tells it. */
export function visibilityRoutes(settings: () => SystemSettings): Route[] {
  return [
    { method: 'GET', pattern: /^\/rest\/api\/2\/user$/, handle: oneUser },
    {
      method: 'GET',
      pattern: /^\/rest\/plugins\/1\.0\/(.+)-key$/,
      handle: (exchange, [key = '']) => oneApp(exchange, { key, apps: settings().apps ?? {} }),
    },
  ]
}

/** Inactive ones too. */
function oneUser(exchange: Exchange): Answer {
  const { query, user, world } = exchange
  signedIn(user)
  const name = query.get('username') ?? ''
  const found = world.findUser(name)
  if (found === null) throw new Refusal(404, [`The user named '${name}' does not exist`])
  return { status: 200, body: toUser(exchange, found) }
}

/** For administrators alone. */
function oneApp({ user, world }: Exchange, { key, apps }: { key: string; apps: NonNullable<SystemSettings['apps']> }): Answer {
  if (signedIn(user).administrator !== true) throw new Refusal(403, ['You do not have permission to perform this operation.'])
  const installed = world.app?.key === key ? world.app : null
  const app = apps[key] ?? (installed === null ? null : { enabled: true, version: installed.version })
  if (app === null) throw new Refusal(404, [`No plugin found for key '${key}'`])
  const modules = (installed?.moduleKeys ?? []).map((moduleKey) => ({
    key: moduleKey,
    completeKey: `${key}:${moduleKey}`,
    enabled: app.enabled,
    recognisableType: true,
    broken: false,
  }))
  return { status: 200, body: { key, name: installed?.name ?? key, ...app, modules } }
}
