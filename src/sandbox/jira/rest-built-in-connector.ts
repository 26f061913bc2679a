import { Refusal, type Route } from './exchange.ts'
import { signedIn, type SystemSettings } from './rest-system.ts'

/** The built-in DVCS connector, where it is there: all repositories of all accounts, for administrators, without pages. */
export function builtInConnectorRoutes(settings: () => SystemSettings): Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/rest\/bitbucket\/1\.0\/repositories\/?$/,
      handle: ({ user }) => {
        const { builtInRepositories } = settings()
        if (builtInRepositories === undefined) throw new Refusal(404, ['null for uri'])
        if (signedIn(user).administrator !== true) throw new Refusal(403, ['Client is not authorized to access this resource.'])
        return { status: 200, body: { repositories: builtInRepositories } }
      },
    },
  ]
}
