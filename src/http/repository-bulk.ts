import type { z } from 'zod'
import { changeManyRepositories } from '../app/repositories/change-many.ts'
import { repositoryFilterSchema } from '../contract/repository.ts'
import { bulkRequestSchema, bulkResultSchema, repositorySummarySchema } from '../contract/repository-bulk.ts'
import type { RepositoryFilter } from '../db/views/repositories.ts'
import { readRepositorySummary } from '../db/views/repository-summary.ts'
import { accountId } from '../domain/ids.ts'
import { toAsker } from './caller.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const tags = ['repositories']

/** `/repositories/bulk` and `/repositories/summary`: many at once. */
export function registerRepositoryBulk(http: HttpApp, { app }: RouteContext): void {
  http.post(
    '/repositories/bulk',
    {
      schema: {
        operationId: 'changeRepositories',
        summary: 'Link, unlink, switch smart commits, synchronise: many repositories at once',
        tags,
        body: bulkRequestSchema,
        response: { 200: bulkResultSchema, ...problems(400, 401) },
      },
    },
    async ({ body, caller }) => {
      const { ids, filter, change, sync } = body
      return changeManyRepositories(app, {
        which: ids ?? toFilter(filter ?? {}),
        askedBy: toAsker(caller),
        ...(change?.linked === undefined ? {} : { linked: change.linked }),
        ...(change?.smartCommits === undefined ? {} : { smartCommits: change.smartCommits }),
        ...(sync === undefined ? {} : { sync }),
      })
    },
  )

  http.get(
    '/repositories/summary',
    {
      schema: {
        operationId: 'summarizeRepositories',
        summary: 'How many repositories match, by state and by webhook',
        tags,
        querystring: repositoryFilterSchema,
        response: { 200: repositorySummarySchema, ...problems(400, 401) },
      },
    },
    async ({ query }) => readRepositorySummary(app.db.read, toFilter(query)),
  )
}

/** Empty counts as not given. */
export function toFilter({ account, q, state, linked, webhook }: z.infer<typeof repositoryFilterSchema>): RepositoryFilter {
  return {
    ...(account ? { accountId: accountId(account) } : {}),
    ...(q ? { text: q } : {}),
    ...(state ? { state } : {}),
    ...(linked ? { linked: linked === 'true' } : {}),
    ...(webhook ? { webhook } : {}),
  }
}
