import { z } from 'zod'
import { cancelRepositorySync, changeRepository, requestRepositorySync } from '../app/repositories/change-repository.ts'
import { listSchema, pageQuerySchema } from '../contract/page.ts'
import {
  repositoryChangeSchema,
  repositoryQuerySchema,
  repositorySchema,
  syncEntrySchema,
  syncQuerySchema,
} from '../contract/repository.ts'
import { readRepositories, readRepository, readSyncs, type RepositoryPosition } from '../db/views/repositories.ts'
import { repositoryId } from '../domain/ids.ts'
import type { Repository } from '../domain/repository.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { toAsker } from './caller.ts'
import { createCursor, cursorNumber, cursorText } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { toFilter } from './repository-bulk.ts'
import { toRepositoryJson, toRepositoryJsons, toSyncEntryJson } from './repository-json.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['repositories']
const cursors = {
  id: createCursor<RepositoryPosition>('repositories', z.object({ sort: z.literal('id'), id: cursorNumber })),
  name: createCursor<RepositoryPosition>(
    'repositories-by-name',
    z.object({ sort: z.literal('name'), name: cursorText, id: cursorNumber }),
  ),
  activity: createCursor<RepositoryPosition>(
    'repositories-by-activity',
    z.object({ sort: z.literal('activity'), at: cursorNumber, id: cursorNumber }),
  ),
}
const syncsCursor = createCursor('syncs', cursorNumber)

/** `/repositories` and their synchronisations. */
export function registerRepositories(http: HttpApp, context: RouteContext): void {
  registerRepositoryReading(http, context)
  registerRepositoryChange(http, context)
  registerSyncControl(http, context)
}

function registerRepositoryReading(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/repositories',
    {
      schema: {
        operationId: 'listRepositories',
        summary: 'Repositories by id, name or activity',
        tags,
        querystring: repositoryQuerySchema,
        response: { 200: listSchema(repositorySchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const sort = query.sort || 'id'
      const cursor = cursors[sort]
      const after = cursor.decode(query.cursor)
      const filter = toFilter(query)
      const page = await readRepositories(app.db.read, {
        limit: query.limit,
        sort,
        ...filter,
        ...(after === null ? {} : { after }),
      })
      return { items: await toRepositoryJsons(app, page.items), next: cursor.encode(page.next) }
    },
  )

  http.get(
    '/repositories/:id',
    {
      schema: {
        operationId: 'getRepository',
        summary: 'One repository',
        tags,
        params,
        response: { 200: repositorySchema, ...problems(401, 404) },
      },
    },
    async (request) => toRepositoryJson(app, await getRepository(app, request.params.id)),
  )

  http.get(
    '/repositories/:id/syncs',
    {
      schema: {
        operationId: 'listSyncs',
        summary: 'Audit log of synchronisations, newest first',
        tags,
        params,
        querystring: pageQuerySchema,
        response: { 200: listSchema(syncEntrySchema), ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      const { id } = await getRepository(app, request.params.id)
      const { limit } = request.query
      const page = await readSyncs(app.db.read, id, { before: syncsCursor.decode(request.query.cursor), limit })
      return { items: page.items.map(toSyncEntryJson), next: syncsCursor.encode(page.next) }
    },
  )
}

function registerRepositoryChange(http: HttpApp, { app, closing }: RouteContext): void {
  http.patch(
    '/repositories/:id',
    {
      schema: {
        operationId: 'changeRepository',
        summary: 'Link or unlink; switch smart commits',
        tags,
        params,
        body: repositoryChangeSchema,
        response: { 200: repositorySchema, ...problems(400, 401, 404, 409) },
      },
    },
    async (request) => {
      const { linked, smartCommits } = request.body
      const change = { ...(linked === undefined ? {} : { linked }), ...(smartCommits === undefined ? {} : { smartCommits }) }
      return toRepositoryJson(app, await changeRepository(app, { id: repositoryId(request.params.id), ...change }, closing))
    },
  )
}

function registerSyncControl(http: HttpApp, { app, abortSync }: RouteContext): void {
  http.post(
    '/repositories/:id/sync',
    {
      schema: {
        operationId: 'startSync',
        summary: 'Start a synchronisation; one that runs is followed by another',
        tags,
        params,
        querystring: syncQuerySchema,
        response: { 202: repositorySchema, ...problems(400, 401, 404, 409) },
      },
    },
    async (request, reply) => {
      const asked = {
        id: repositoryId(request.params.id),
        mode: request.query.mode,
        trigger: 'manual',
        askedBy: toAsker(request.caller),
      }
      void reply.code(202)
      return toRepositoryJson(app, await requestRepositorySync(app, asked))
    },
  )

  http.delete(
    '/repositories/:id/sync',
    {
      schema: {
        operationId: 'cancelSync',
        summary: 'Cancel a waiting or a running synchronisation',
        tags,
        params,
        response: { 200: repositorySchema, ...problems(401, 404) },
      },
    },
    async (request) => toRepositoryJson(app, await cancelRepositorySync(app, repositoryId(request.params.id), abortSync)),
  )
}

/** @throws ConnectorError `repository-not-found`, also for what cannot be an id */
export async function getRepository(app: RouteContext['app'], id: string): Promise<Repository> {
  const repository = await readRepository(app.db.read, repositoryId(id))
  if (repository !== null) return repository
  throw new ConnectorError('repository-not-found', { userMessage: `There is no repository "${id}".` })
}
