import type { FastifyRequest } from 'fastify'
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
import { ensureMayView } from './issue-access.ts'
import { findIssueKey } from './issue-reference.ts'
import { problems } from './responses.ts'

const tags = ['dev-status']

/** What scripts find in Jira's own errors. */
export const devStatusErrorMembers: MoreMembers = ({ detail }) => ({ errorMessages: [detail] })

/** Jira's undocumented REST of the Development panel, in Data Center's flavour, for scripts that read it today. */
export function registerDevStatus(http: HttpApp, context: RouteContext): void {
  http.get(
    '/issue/summary',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'getDevStatusSummary',
        summary: 'Counts by data type, in the shape of Jira',
        tags,
        querystring: devStatusSummaryQuerySchema,
        response: { 200: devStatusSummarySchema, ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => toDevStatusSummary(await findInformation(context, request, request.query.issueId)),
  )

  http.get(
    '/issue/detail',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'getDevStatusDetail',
        summary: 'Entries of one data type, in the shape of Jira',
        tags,
        querystring: devStatusDetailQuerySchema,
        response: { 200: devStatusDetailSchema, ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => toDevStatusDetail(await findInformation(context, request, request.query.issueId), request.query),
  )
}

async function findInformation(
  context: RouteContext,
  request: FastifyRequest,
  issueId: string,
): Promise<DevelopmentInformation | null> {
  const { app } = context
  await ensureMayView(context, request, issueId)
  const key = await findIssueKey(app, issueId)
  return key === null ? null : readDevelopmentInformation(app, key)
}
