import type { Tx } from '../../db/database.ts'
import type { AppContext } from '../app-context.ts'

/** Asks for the rules to be judged, at once or at a later time. */
export function wakeTriggers({ jobs }: Pick<AppContext, 'jobs'>, tx: Tx, runAt?: Date): Promise<void> {
  return jobs.add(tx, { name: 'run-triggers', payload: {}, key: 'run-triggers', ...(runAt === undefined ? {} : { runAt }) })
}
