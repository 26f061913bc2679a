import { readDevelopmentInformation } from '../app/delivery/development-information.ts'
import {
  devStatusDetailQuerySchema,
  devStatusDetailSchema,
  devStatusSummaryQuerySchema,
  devStatusSummarySchema,
} from '../contract/dev-status.ts'
import type { DevelopmentInformation } from '../domain/development-information.ts'
import { toDevStatusDetail } from './dev-status-detail.ts'
import { toDevStatusSummary } from './dev-status-summary.ts'
import type { MoreMembers } from './error-handler.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { findIssueKey } from './issue-reference.ts'
import { problems } from './responses.ts'

const tags = ['dev-status']

/** What scripts find in Jira's own errors. */
export const devStatusErrorMembers: MoreMembers = ({ detail }) => ({ errorMessages: [detail] })

/** Jira's undocumented REST of the Development panel, in Data Center's flavour, for scripts that read it today. */
export function registerDevStatus(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/issue/summary',
    {
      schema: {
        operationId: 'getDevStatusSummary',
        summary: 'Counts by data type, in the shape of Jira',
        tags,
        querystring: devStatusSummaryQuerySchema,
        response: { 200: devStatusSummarySchema, ...problems(400, 401, 404) },
      },
    },
    async ({ query }) => toDevStatusSummary(await findInformation(app, query.issueId)),
  )

  http.get(
    '/issue/detail',
    {
      schema: {
        operationId: 'getDevStatusDetail',
        summary: 'Entries of one data type, in the shape of Jira',
        tags,
        querystring: devStatusDetailQuerySchema,
        response: { 200: devStatusDetailSchema, ...problems(400, 401, 404) },
      },
    },
    async ({ query }) => toDevStatusDetail(await findInformation(app, query.issueId), query),
  )
}

async function findInformation(app: RouteContext['app'], issueId: string): Promise<DevelopmentInformation | null> {
  const key = await findIssueKey(app, issueId)
  return key === null ? null : readDevelopmentInformation(app, key)
}
