import { z } from 'zod'
import { readDevelopmentInformation } from '../app/delivery/development-information.ts'
import { readDevelopmentEntries, type DevelopmentKind } from '../app/delivery/development-page.ts'
import {
  developmentPageSchema,
  developmentQuerySchema,
  developmentSchema,
  type DevelopmentPageJson,
} from '../contract/development.ts'
import { issueKeySchema } from '../contract/text.ts'
import type { DevelopmentPosition } from '../db/views/development.ts'
import type { IssueKey } from '../domain/ids.ts'
import { createCursor, cursorNumber, cursorText, type Cursor } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { ensureMayView } from './issue-access.ts'
import { getIssueKey } from './issue-reference.ts'
import { problems } from './responses.ts'

const byTimeAndId = z.tuple([cursorNumber, cursorNumber])
const CURSORS: Readonly<Record<DevelopmentKind, Cursor<DevelopmentPosition>>> = {
  branches: createCursor('branches', z.tuple([cursorNumber, cursorNumber, cursorText])),
  commits: createCursor('commits', byTimeAndId),
  pullRequests: createCursor('pullRequests', byTimeAndId),
  builds: createCursor('builds', byTimeAndId),
  deployments: createCursor('deployments', byTimeAndId),
}

/** `/issues/{KEY}/development`: what Git knows about an issue. */
export function registerIssues(http: HttpApp, context: RouteContext): void {
  const { app } = context
  http.get(
    '/issues/:key/development',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'getDevelopmentInformation',
        summary: 'Development information of an issue; with "kind" the pages of one kind',
        tags: ['issues'],
        params: z.object({ key: issueKeySchema }),
        querystring: developmentQuerySchema,
        response: { 200: z.union([developmentSchema, developmentPageSchema]), ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const {
        params,
        query: { kind, cursor, limit, hidden },
      } = request
      await ensureMayView(context, request, params.key)
      const showHidden = hidden === 'show'
      const key = await getIssueKey(app, params.key)
      if (kind === undefined) {
        return { ...(await readDevelopmentInformation(app, key, { showHidden })), issueUrl: toIssueUrl(app, key) }
      }
      return readPage(app, { key, kind, cursor, limit, showHidden })
    },
  )
}

function toIssueUrl({ jira }: RouteContext['app'], key: IssueKey): string | null {
  return jira === null ? null : new URL(`browse/${encodeURIComponent(key)}`, jira.client.base).href
}

interface PageRequest {
  readonly key: IssueKey
  readonly kind: DevelopmentKind
  readonly cursor: string | undefined
  readonly limit: number
  readonly showHidden: boolean
}

async function readPage(app: RouteContext['app'], { cursor, ...request }: PageRequest): Promise<DevelopmentPageJson> {
  const { items, next } = await readDevelopmentEntries(app, { ...request, after: CURSORS[request.kind].decode(cursor) })
  return { items, next: CURSORS[request.kind].encode(next) }
}
