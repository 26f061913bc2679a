import { z } from 'zod'
import { requestRepositorySync } from '../app/repositories/change-repository.ts'
import { originalRepositoriesSchema, originalRepositorySchema, type OriginalRepository } from '../contract/original-repository.ts'
import { readRepositories, readRepository } from '../db/views/repositories.ts'
import { repositoryId } from '../domain/ids.ts'
import type { SyncMode } from '../domain/repository.ts'
import { toAsker } from './caller.ts'
import type { MoreMembers } from './error-handler.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { toOriginalRepositories } from './original-repository-json.ts'
import { noBody, problems } from './responses.ts'

const params = z.object({ id: z.string() })
const tags = ['original connector']
const READ_AT_ONCE = 1_000

/** The original's own error body, beside our members. */
export const originalErrorMembers: MoreMembers = ({ status, detail }) => ({ 'status-code': status, message: detail })

/** Addresses of Atlassian's connector, for scripts that call them today; all need the admin token. */
export function registerOriginalRepositories(http: HttpApp, context: RouteContext): void {
  // Bodies are read over, as the original did: it was called by the hooks of Bitbucket and GitHub.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', (_request, payload, done) => {
    payload.on('end', () => done(null, undefined))
    payload.on('error', done)
    payload.resume()
  })
  registerOriginalReading(http, context)
  registerSync(http, context)
  registerRedirectingSync(http, context, { name: 'softsync', mode: 'soft' })
  registerRedirectingSync(http, context, { name: 'fullsync', mode: 'full' })
}

function registerOriginalReading(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/repositories',
    {
      schema: {
        operationId: 'listOriginalRepositories',
        summary: 'All repositories of all accounts',
        tags,
        response: { 200: originalRepositoriesSchema, ...problems(401) },
      },
    },
    async () => ({ repositories: await readAll(app) }),
  )

  http.get(
    '/repository/:id',
    {
      schema: {
        operationId: 'getOriginalRepository',
        summary: 'One repository; 204 when there is none of this id',
        tags,
        params,
        response: { 200: originalRepositorySchema, 204: noBody, ...problems(401) },
      },
    },
    async (request, reply) => {
      const repository = await readRepository(app.db.read, repositoryId(request.params.id))
      const [original] = repository === null ? [] : await toOriginalRepositories(app, [repository])
      return original ?? reply.code(204).send()
    },
  )
}

async function readAll(app: RouteContext['app']): Promise<OriginalRepository[]> {
  const all: OriginalRepository[] = []
  for (;;) {
    const after = { sort: 'id', id: all.at(-1)?.id ?? 0 } as const
    const page = await readRepositories(app.db.read, { after, limit: READ_AT_ONCE })
    all.push(...(await toOriginalRepositories(app, page.items)))
    if (page.next === null) return all
  }
}

function registerSync(http: HttpApp, { app }: RouteContext): void {
  http.post(
    '/repository/:id/sync',
    {
      schema: {
        operationId: 'startOriginalSync',
        summary: 'Soft synchronisation; the body is not looked at',
        tags,
        params,
        response: { 200: noBody, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      await requestRepositorySync(app, {
        id: repositoryId(request.params.id),
        mode: 'soft',
        trigger: 'manual',
        askedBy: toAsker(request.caller),
      })
      return reply.code(200).send()
    },
  )
}

function registerRedirectingSync(http: HttpApp, { app }: RouteContext, { name, mode }: { name: string; mode: SyncMode }): void {
  // Behind a proxy the public address may have a path of its own.
  const root = new URL(app.settings.serverUrl).pathname.replace(/\/$/, '')
  http.post(
    `/repository/:id/${name}`,
    {
      schema: {
        operationId: `startOriginal${mode === 'soft' ? 'Soft' : 'Full'}Sync`,
        summary: `Starts a ${mode} synchronisation and leads to the repository`,
        tags,
        params,
        response: { 303: noBody, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      const asked = { id: repositoryId(request.params.id), mode, trigger: 'manual', askedBy: toAsker(request.caller) }
      const { id } = await requestRepositorySync(app, asked)
      return reply.code(303).header('location', `${root}/rest/bitbucket/1.0/repository/${id}`).send(undefined)
    },
  )
}
