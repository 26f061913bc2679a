import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteChange } from '../app/identity/note-change.ts'
import type { AppContext } from '../app/app-context.ts'
import { isReading, toActor } from './caller.ts'

/**
 * Writes every change that succeeded into the journal of administrators, before the answer leaves: by the route's operation,
 * its parameters, and what its handler put into `request.logged`. Bodies are not looked at: they hold secrets.
 */
export function createAdminLogHook(app: AppContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { caller, logged } = request
    const { config, schema } = request.routeOptions
    if (caller === null || isReading(request.method) || reply.statusCode >= 400) return
    if (config.access === 'anyone' || config.access === 'person') return
    const params = Object.values((request.params ?? {}) as Readonly<Record<string, string>>)
    const entry = {
      actor: toActor(caller),
      action: schema?.operationId ?? `${request.method} ${request.routeOptions.url ?? ''}`,
      target: logged?.target ?? params[0] ?? null,
      // Only what the route has a schema for: anybody may write anything behind the question mark.
      details: { ...(schema?.querystring === undefined ? {} : (request.query as object)), ...logged?.details },
    }
    try {
      await noteChange(app, entry)
    } catch (cause) {
      // The change is made: to answer that it failed would have it made again.
      app.log.error({ cause, requestId: request.id, ...entry }, 'change not written into the journal of administrators')
    }
  }
}
