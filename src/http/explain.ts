import { explainReference } from '../app/explain/explain-reference.ts'
import { explainVisibility } from '../app/explain/explain-visibility.ts'
import { explainQuerySchema, explanationSchema, visibilityQuerySchema, visibilitySchema } from '../contract/explain.ts'
import { issueKey } from '../domain/ids.ts'
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

  http.get(
    '/explain/visibility',
    {
      schema: {
        operationId: 'explainVisibility',
        summary: 'Why somebody sees, or does not see, the development information of an issue in Jira',
        tags: ['explain'],
        querystring: visibilityQuerySchema,
        response: { 200: visibilitySchema, ...problems(400, 401) },
      },
    },
    async ({ query }) => explainVisibility(app, { user: query.user, issue: issueKey(query.issue.toUpperCase()) }, closing),
  )
}
