import { requeueIssues } from '../../db/stores/jira-hints.ts'
import type { Tx } from '../../db/database.ts'
import type { IssueKey } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'
import { wakeDelivery } from '../delivery/delivery-hold.ts'

export interface Requeued {
  readonly keys: readonly IssueKey[]
  /** In ms since 1970. */
  readonly dueAt: number
  /** What Jira holds of them is to be looked at again: they may be gone. */
  readonly uncertain: boolean
}

/** Lets delivery ask Jira for these issues again. The last thing in a transaction. */
export async function requeue(app: AppContext, tx: Tx, { keys, dueAt, uncertain }: Requeued): Promise<void> {
  if (keys.length === 0) return
  await requeueIssues(tx, keys, { dueAt, uncertain })
  await wakeDelivery(app, tx, dueAt)
}
