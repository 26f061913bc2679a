import { z } from 'zod'
import { driftSchema, type ProofJson } from '../contract/drift.ts'
import { pageQuerySchema } from '../contract/page.ts'
import { readAccount } from '../db/views/accounts.ts'
import { countOpenDrift, readProofHours, readProofTotals, type ProofHour } from '../db/views/drift.ts'
import { accountNotFound, parseAccountId } from './accounts.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { problems } from './responses.ts'

const cursor = createCursor('drift', cursorNumber)

/** `/accounts/{id}/drift`: what the rolling proof found. */
export function registerDrift(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/accounts/:id/drift',
    {
      schema: {
        operationId: 'getAccountDrift',
        summary: 'Drift found and repaired, by the hour for 30 days, newest first',
        tags: ['accounts'],
        params: z.object({ id: z.string() }),
        querystring: pageQuerySchema,
        response: { 200: driftSchema, ...problems(400, 401, 404) },
      },
    },
    async ({ params, query }) => {
      const id = parseAccountId(params.id)
      const after = cursor.decode(query.cursor)
      if ((await readAccount(app.db.read, id)) === null) throw accountNotFound(id)
      const [hours, totals, open] = await Promise.all([
        readProofHours(app.db.read, id, { after, limit: query.limit }),
        readProofTotals(app.db.read),
        countOpenDrift(app.db.read, id),
      ])
      const total = totals.find(({ accountId }) => accountId === id)
      return {
        total: total === undefined ? NOTHING : toProofJson(total),
        open,
        items: hours.items.map((hour) => ({ hour: hour.hour.toISOString(), ...toProofJson(hour) })),
        next: cursor.encode(hours.next),
      }
    },
  )
}

const NONE = { found: 0, repaired: 0 }
const NOTHING: ProofJson = {
  proved: 0,
  failed: 0,
  refs: NONE,
  pullRequests: NONE,
  builds: NONE,
  deployments: NONE,
  missingRepositories: NONE,
}

function toProofJson({ proved, failed, drift }: Pick<ProofHour, 'proved' | 'failed' | 'drift'>): ProofJson {
  return {
    proved,
    failed,
    refs: drift.refs,
    pullRequests: drift['pull-requests'],
    builds: drift.builds,
    deployments: drift.deployments,
    missingRepositories: drift['missing-repository'],
  }
}
