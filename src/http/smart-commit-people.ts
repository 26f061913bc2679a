import { z } from 'zod'
import { confirmAuthor, removeAuthor, setProjectTrust } from '../app/smart-commits/change-authors.ts'
import { findProjectTrust } from '../app/smart-commits/trust.ts'
import { listSchema } from '../contract/page.ts'
import {
  aliasChangeSchema,
  aliasQuerySchema,
  emailSchema,
  projectTrustSchema,
  smartCommitAliasSchema,
} from '../contract/smart-commit.ts'
import { readAliases } from '../db/views/smart-commit-people.ts'
import { toCallerName } from './caller.ts'
import { createCursor, cursorText } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { noBody, problems } from './responses.ts'
import { toAliasJson } from './smart-commit-json.ts'

const tags = ['smart commits']
const params = z.object({ email: emailSchema })
const cursor = createCursor('smart-commit-aliases', cursorText)

/** `/smart-commit-aliases` and `/smart-commit-trust`: whose commits are whose, and whose are executed. */
export function registerSmartCommitPeople(http: HttpApp, context: RouteContext): void {
  registerAliasList(http, context)
  registerAliasChanges(http, context)
  registerTrust(http, context)
}

function registerAliasList(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/smart-commit-aliases',
    {
      schema: {
        operationId: 'listSmartCommitAliases',
        summary: 'E-mail addresses of commits whose author Jira alone does not tell, by address',
        tags,
        querystring: aliasQuerySchema,
        response: { 200: listSchema(smartCommitAliasSchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const { limit, state } = query
      const rows = await readAliases(app.db.read, {
        state: state || null,
        after: cursor.decode(query.cursor),
        limit: limit + 1,
      })
      const items = rows.slice(0, limit)
      return { items: items.map(toAliasJson), next: cursor.encode(rows.length > limit ? (items.at(-1)?.email ?? null) : null) }
    },
  )
}

function registerAliasChanges(http: HttpApp, { app, closing }: RouteContext): void {
  http.put(
    '/smart-commit-aliases/:email',
    {
      schema: {
        operationId: 'setSmartCommitAlias',
        summary: 'Say whose commits those of an address are, or confirm what the person asked for',
        tags,
        params,
        body: aliasChangeSchema,
        response: { 200: smartCommitAliasSchema, ...problems(400, 401, 404, 409, 502, 503) },
      },
    },
    async (request) => {
      const { email } = request.params
      const { user } = request.body
      request.logged = { target: email, details: { user } }
      const by = toCallerName(request.caller) ?? 'a command on the machine'
      return toAliasJson(await confirmAuthor(app, { email, userName: user, by }, closing))
    },
  )

  http.delete(
    '/smart-commit-aliases/:email',
    {
      schema: {
        operationId: 'deleteSmartCommitAlias',
        summary: 'Forget whose commits those of an address are, or refuse what the person asked for',
        tags,
        params,
        response: { 204: noBody, ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      await removeAuthor(app, request.params.email)
      request.logged = { target: request.params.email }
      void reply.code(204)
    },
  )
}

function registerTrust(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/smart-commit-trust',
    {
      schema: {
        operationId: 'getSmartCommitTrust',
        summary: "Projects of Jira with a level of trust of their own; elsewhere the account's counts",
        tags,
        response: { 200: projectTrustSchema, ...problems(401) },
      },
    },
    async () => ({ projects: { ...(await findProjectTrust(app.db.read)) } }),
  )

  http.put(
    '/smart-commit-trust',
    {
      schema: {
        operationId: 'setSmartCommitTrust',
        summary: 'Give projects of Jira a level of trust of their own, in the place of all that had one',
        tags,
        body: projectTrustSchema,
        response: { 200: projectTrustSchema, ...problems(400, 401) },
      },
    },
    async (request) => {
      const { projects } = request.body
      await setProjectTrust(app, projects)
      request.logged = { details: { projects } }
      return { projects }
    },
  )
}
