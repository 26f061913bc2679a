import { findAccount, planWebhookSweep } from '../../db/stores/accounts.ts'
import { listLiveAccounts, setWebhookGap } from '../../db/stores/webhook-gaps.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { AppContext } from '../app-context.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { SWEEP_PAUSE_MS } from './follow-hints.ts'

/** While no process listened nobody took webhooks. To be called when one has begun to listen. */
export async function recordStart(app: AppContext): Promise<void> {
  const at = app.clock.now().getTime()
  for (const id of await listLiveAccounts(app.db.read)) await recordGap(app, { id, at, planSweep: true })
}

/**
 * Stores what this process noted, and asks for a sweep of the accounts concerned: it finds what their webhooks would have
 * told. What was refused before anybody knew whose it was asks for no sweep, or strangers could: the next one looks.
 * Does nothing, and costs nothing, when nothing is noted.
 *
 * @param sweeping the account whose sweep begins now: it needs no other
 */
export async function recordMissedWebhooks(app: AppContext, sweeping: AccountId | null = null): Promise<void> {
  const noted = app.webhooks.missed.list()
  if (noted.size === 0) return
  const ofAll = noted.get(null)
  if (ofAll !== undefined) {
    for (const id of await listLiveAccounts(app.db.read)) await recordGap(app, { id, at: ofAll, planSweep: false })
  }
  for (const [id, at] of noted) {
    if (id !== null) await recordGap(app, { id, at: Math.max(at, ofAll ?? 0), planSweep: id !== sweeping })
  }
  app.webhooks.missed.forget(noted)
}

interface Gap {
  readonly id: AccountId
  readonly at: number
  readonly planSweep: boolean
}

async function recordGap(app: AppContext, { id, at, planSweep }: Gap): Promise<void> {
  await app.db.write('background', async (tx) => {
    const account = await findAccount(tx, id)
    if (account === null || account.problem?.code === 'account-not-configured') return
    await setWebhookGap(tx, id, { missedAt: at })
    if (!planSweep) return
    const runAt = await planWebhookSweep(tx, id, { now: app.clock.now().getTime(), pauseMs: SWEEP_PAUSE_MS })
    if (runAt === null) return
    await app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId: id, trigger: 'schedule' },
      key: sweepJobKey(id),
      runAt: new Date(runAt),
    })
  })
}
