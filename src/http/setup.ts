import { isSetupNeeded, setUp } from '../app/identity/set-up.ts'
import { sessionSchema } from '../contract/session.ts'
import { setupRequestSchema, setupSchema } from '../contract/setup.ts'
import type { HttpApp } from './http-app.ts'
import { problems } from './responses.ts'
import { checkSignInRequest } from './same-origin.ts'
import { browserOf, countAttempt, startSession, type SignInContext } from './sign-in-context.ts'

const tags = ['session']
const config = { access: 'anyone' } as const

/** `/setup`: the first administrator, by the link that the connector printed. */
export function registerSetup(http: HttpApp, context: SignInContext): void {
  const { app, closing, passwords } = context
  http.get(
    '/setup',
    {
      config,
      schema: {
        operationId: 'getSetup',
        summary: 'Whether the first administrator is still to be made',
        tags,
        response: { 200: setupSchema },
      },
    },
    async () => ({ needed: await isSetupNeeded(app) }),
  )

  http.post(
    '/setup',
    {
      config,
      onRequest: (request) => {
        checkSignInRequest(request, app.settings.serverUrl)
        return Promise.resolve()
      },
      schema: {
        operationId: 'setUp',
        summary: 'Make the first administrator and sign them in',
        tags,
        body: setupRequestSchema,
        response: { 201: sessionSchema, ...problems(400, 401, 403, 409, 415, 429) },
      },
    },
    async (request, reply) => {
      const given = { ...request.body, ...browserOf(request), passwords }
      const value = await countAttempt(context, { request }, () => setUp(app, given, closing))
      void reply.code(201)
      return startSession(context, reply, value)
    },
  )
}
