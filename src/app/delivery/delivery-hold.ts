import { deleteSetting, findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { Reader, Tx } from '../../db/database.ts'
import { toProblem, type Problem } from '../../domain/problem.ts'
import { backOffMs } from '../../lib/back-off.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** Jira as a whole failed: nothing is sent before `until`, whatever changes meanwhile. */
export interface DeliveryHold {
  /** In ms since 1970. */
  readonly until: number
  /** Failures in a row. */
  readonly tries: number
  readonly problem: Problem
  /** It may pass by itself; else a person has to act. */
  readonly passing: boolean
}

/** One process delivers at a time, so nothing needs to be spread. */
const BACK_OFF = { baseMs: 2_000, maxMs: 5 * 60_000, random: () => 1 }

/** Why delivery waits at present; null: it does not. */
export async function findDeliveryHold(db: Reader): Promise<DeliveryHold | null> {
  const stored = await findSetting(db, 'jira.delivery-hold')
  return stored === null ? null : (JSON.parse(stored) as DeliveryHold)
}

/** Records a failure of Jira as a whole; the time before the next try grows with each one. */
export async function holdDelivery(app: AppContext, error: unknown): Promise<void> {
  const now = app.clock.now().getTime()
  const problem = toProblem(error)
  const hold = await app.db.write('interactive', async (tx) => {
    const tries = ((await findDeliveryHold(tx))?.tries ?? 0) + 1
    const named = isConnectorError(error) ? (error.retryAt?.getTime() ?? 0) : 0
    const until = Math.max(named, now + backOffMs(tries - 1, BACK_OFF))
    const next: DeliveryHold = { until, tries, problem, passing: !isConnectorError(error) || error.retryable }
    await saveSetting(tx, 'jira.delivery-hold', JSON.stringify(next))
    return next
  })
  if (hold.tries === 1) app.log.warn({ problem, until: new Date(hold.until) }, 'delivery to Jira waits')
}

/** Nothing is written until a person has said which of two is meant. */
export function waitsForAnswer({ problem }: DeliveryHold): boolean {
  return problem.code === 'jira-not-the-same' || problem.code === 'connector-copied'
}

/** Jira answered as it should: delivery need not wait any longer. */
export function releaseDelivery(tx: Tx): Promise<void> {
  return deleteSetting(tx, 'jira.delivery-hold')
}

/** Asks for a delivery of what becomes due at `dueAt`, but not while Jira as a whole is given time. */
export async function wakeDelivery(app: AppContext, tx: Tx, dueAt: number): Promise<void> {
  const hold = await findDeliveryHold(tx)
  const runAt = new Date(Math.max(dueAt, hold?.until ?? 0))
  await app.jobs.add(tx, { name: 'deliver', payload: {}, key: 'deliver', runAt })
}
