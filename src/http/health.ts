import { healthSchema, readinessSchema, type ReadinessParts } from '../contract/readiness.ts'
import { isSchemaCurrent, pingDatabase } from '../db/views/schema-state.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { NotReady } from './problem-document.ts'
import { problems } from './responses.ts'

/** A part that does not answer within this time is not ready. */
const CHECK_TIMEOUT_MS = 5_000

/** `/healthz` and `/readyz`, for anyone: they tell nothing but which part works. */
export function registerHealth(http: HttpApp, context: RouteContext): void {
  const findParts = shareRunning(() => checkParts(context))

  http.get(
    '/healthz',
    { schema: { operationId: 'getHealth', summary: 'Alive', tags: ['operation'], response: { 200: healthSchema } } },
    () => Promise.resolve({ status: 'alive' as const }),
  )

  http.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Ready: database, migrations, queue',
        tags: ['operation'],
        response: { 200: readinessSchema, ...problems(503) },
      },
    },
    async () => {
      const parts = await findParts()
      if (Object.values(parts).includes('failed')) throw new NotReady(parts)
      return { status: 'ready' as const, parts }
    },
  )
}

async function checkParts(context: RouteContext): Promise<ReadinessParts> {
  const { db, jobs } = context.app
  const [database, migrations, queue] = await Promise.all([
    isWorking(context, 'database', () => pingDatabase(db.read).then(() => true)),
    isWorking(context, 'migrations', () => isSchemaCurrent(db.read)),
    isWorking(context, 'queue', () => jobs.stats(db.read).then(() => true)),
  ])
  return { database, migrations, queue }
}

async function isWorking({ app, log }: RouteContext, part: string, check: () => Promise<boolean>): Promise<'ok' | 'failed'> {
  const waiting = new AbortController()
  try {
    const timeout = app.clock.sleep(CHECK_TIMEOUT_MS, waiting.signal).then(() => false)
    // The loser of the race may still reject.
    timeout.catch(() => undefined)
    const works = await Promise.race([check(), timeout])
    if (!works) log.error({ part }, 'not ready')
    return works ? 'ok' : 'failed'
  } catch (cause) {
    log.error({ part, cause }, 'not ready')
    return 'failed'
  } finally {
    waiting.abort(new Error('no longer waited for'))
  }
}

/** Callers that come while one is being answered share its answer, so that asking often costs nothing. */
function shareRunning<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= run().finally(() => {
      running = null
    })
    return running
  }
}
