import type { Repository, WebhookState } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'
import { matches, type RepositoryFilter } from '../stores/repositories.ts'

export interface RepositorySummary {
  readonly total: number
  readonly linked: number
  readonly unlinked: number
  /** Linked ones; `failing` beside their state. */
  readonly states: Readonly<Record<Repository['sync']['state'] | 'failing', number>>
  /** Linked ones. */
  readonly webhooks: Readonly<Record<WebhookState, number>>
}

/** Counts of the repositories that match: one pass over them. */
export async function readRepositorySummary(db: Reader, filter: RepositoryFilter): Promise<RepositorySummary> {
  const rows = await db
    .selectFrom('repositories')
    .select(['linked', 'sync_state', 'webhook_state'])
    .select((e) => [e.fn.countAll<number>().as('n'), e.fn.count<number>('sync_error').as('failing')])
    .where(matches(filter))
    .groupBy(['linked', 'sync_state', 'webhook_state'])
    .execute()
  const states = { idle: 0, queued: 0, running: 0, retrying: 0, paused: 0, failing: 0 }
  const webhooks = { live: 0, polling: 0, broken: 0, off: 0 }
  let linked = 0
  let unlinked = 0
  for (const row of rows) {
    const n = Number(row.n)
    if (row.linked === 0) unlinked += n
    else {
      linked += n
      states[row.sync_state] += n
      states.failing += Number(row.failing)
      webhooks[row.webhook_state] += n
    }
  }
  return { total: linked + unlinked, linked, unlinked, states, webhooks }
}
