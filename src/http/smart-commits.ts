import { z } from 'zod'
import { executeAgain, smartCommitNotFound } from '../app/smart-commits/ask-again.ts'
import { listSchema } from '../contract/page.ts'
import { smartCommitQuerySchema, smartCommitSchema, type SmartCommitJson } from '../contract/smart-commit.ts'
import { readSmartCommit, readSmartCommits } from '../db/views/smart-commits.ts'
import { accountId, repositoryId } from '../domain/ids.ts'
import { toCallerName } from './caller.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'
import { toSmartCommitJsons } from './smart-commit-json.ts'

const params = z.object({ id: z.string() })
const tags = ['smart commits']
const cursor = createCursor('smart-commits', cursorNumber)

/** `/smart-commits`: commits that command something, and what became of it. */
export function registerSmartCommits(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/smart-commits',
    {
      schema: {
        operationId: 'listSmartCommits',
        summary: 'Commits that command something, newest first, with what became of each command',
        tags,
        querystring: smartCommitQuerySchema,
        response: { 200: listSchema(smartCommitSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const { repository, account, state, q } = query
      const page = await readSmartCommits(app.db.read, {
        before: cursor.decode(query.cursor),
        limit: query.limit,
        ...(repository ? { repositoryId: repositoryId(repository) } : {}),
        ...(account ? { accountId: accountId(account) } : {}),
        ...(state ? { state } : {}),
        ...(q ? { text: q } : {}),
      })
      return { items: await toSmartCommitJsons(app, page.items), next: cursor.encode(page.next) }
    },
  )

  http.get(
    '/smart-commits/:id',
    {
      schema: {
        operationId: 'getSmartCommit',
        summary: 'One smart commit',
        tags,
        params,
        response: { 200: smartCommitSchema, ...problems(401, 404) },
      },
    },
    ({ params: { id } }) => getSmartCommit(app, id),
  )

  http.post(
    '/smart-commits/:id/execute',
    {
      schema: {
        operationId: 'executeSmartCommit',
        summary: 'Execute what failed of a smart commit, or one that was skipped; what is done is not repeated',
        tags,
        params,
        response: { 202: smartCommitSchema, ...problems(401, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await executeAgain(app, { id, who: toCallerName(request.caller) ?? 'a command on the machine' })
      request.logged = { target: id }
      void reply.code(202)
      return getSmartCommit(app, id)
    },
  )
}

/** @throws ConnectorError `smart-commit-not-found` */
async function getSmartCommit(app: RouteContext['app'], id: string): Promise<SmartCommitJson> {
  const entry = await readSmartCommit(app.db.read, id)
  const [json] = entry === null ? [] : await toSmartCommitJsons(app, [entry])
  if (json === undefined) throw smartCommitNotFound(id)
  return json
}
