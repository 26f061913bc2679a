import { explainReference } from '../app/explain/explain-reference.ts'
import { explainQuerySchema, explanationSchema } from '../contract/explain.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

/** `/explain`: why something is, or is not, on a Jira issue. */
export function registerExplain(http: HttpApp, { app, closing }: RouteContext): void {
  http.get(
    '/explain',
    {
      schema: {
        operationId: 'explainReference',
        summary: 'Why a commit, a branch, a pull request or an issue is, or is not, in Jira',
        tags: ['explain'],
        querystring: explainQuerySchema,
        response: { 200: explanationSchema, ...problems(400, 401) },
      },
    },
    async ({ query }) => explainReference(app, query.ref, closing),
  )
}
