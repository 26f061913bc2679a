import { dryRunAccount } from '../app/accounts/dry-run.ts'
import { newAccountSchema } from '../contract/account.ts'
import { dryRunSchema } from '../contract/dry-run.ts'
import { toNewSettings, toTypedSecrets } from './account-json.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

/** `/accounts/dry-run`: what an account would be, before it is one. */
export function registerAccountDryRun(http: HttpApp, { app, closing }: RouteContext): void {
  http.post(
    '/accounts/dry-run',
    {
      schema: {
        operationId: 'dryRunAccount',
        summary: 'What an account with these settings would be; nothing is stored',
        tags: ['accounts'],
        body: newAccountSchema,
        response: { 200: dryRunSchema, ...problems(400, 401, 422, 502, 503, 504) },
      },
    },
    async ({ body }) => dryRunAccount(app, { settings: toNewSettings(body), secrets: toTypedSecrets(body) }, closing),
  )
}
