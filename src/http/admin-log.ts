import { adminLogEntrySchema } from '../contract/admin-log.ts'
import { listSchema, pageQuerySchema } from '../contract/page.ts'
import { readAdminLog } from '../db/views/identity.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const cursor = createCursor('admin-log', cursorNumber)

/** `/admin-log`: what administrators changed. */
export function registerAdminLog(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/admin-log',
    {
      schema: {
        operationId: 'listAdminLog',
        summary: 'What administrators changed, newest first',
        tags: ['users'],
        querystring: pageQuerySchema,
        response: { 200: listSchema(adminLogEntrySchema), ...problems(400, 401) },
      },
    },
    async ({ query }) => {
      const page = await readAdminLog(app.db.read, { before: cursor.decode(query.cursor), limit: query.limit })
      const items = page.items.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }))
      return { items, next: cursor.encode(page.next) }
    },
  )
}
