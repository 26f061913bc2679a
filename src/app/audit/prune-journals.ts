import { pruneAdminLog } from '../../db/stores/admin-log.ts'
import { pruneEvents } from '../../db/stores/development-events.ts'
import { pruneJiraWrites } from '../../db/stores/jira-writes.ts'
import { foldProofs } from '../../db/stores/proofs.ts'
import { pruneSmartCommits } from '../../db/stores/smart-commits.ts'
import { pruneSyncs } from '../../db/stores/prune-syncs.ts'
import { pruneSessions } from '../../db/stores/sessions.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import { clearPayloads, pruneWebhooks } from '../../db/stores/webhook-deliveries.ts'
import type { Tx } from '../../db/database.ts'
import { TRIGGER_WINDOW_MS } from '../../domain/trigger.ts'
import type { AppContext } from '../app-context.ts'
import { IDLE_MS } from '../identity/sessions.ts'

const ROWS_PER_WRITE = 1_000
/** Drift is looked at over a month, by the hour. */
const PROOFS_KEPT_MS = 30 * 24 * 60 * 60_000
/** Who changed what is asked for long afterwards, and there is little of it. */
const ADMIN_LOG_KEPT_MS = 365 * 24 * 60 * 60_000
/** Often enough that a day's webhooks do not go in one long row of writes. */
const INTERVAL_MS = 60 * 60_000

/** Deletes what the journals hold beyond their time, and sessions that are over, and plans the next round. */
export async function pruneJournals(app: AppContext, signal: AbortSignal): Promise<void> {
  const now = app.clock.now().getTime()
  const { payloadsMs, journalsMs, smartCommitsMs } = app.settings.retention
  const journals = { before: now - journalsMs, limit: ROWS_PER_WRITE }
  for (const prune of [pruneWebhooks, pruneSyncs, pruneJiraWrites]) {
    await repeat(app, signal, async (tx) => (await prune(tx, journals)) > 0)
  }
  const smartCommits = { before: now - smartCommitsMs, limit: ROWS_PER_WRITE }
  await repeat(app, signal, async (tx) => (await pruneSmartCommits(tx, smartCommits)) > 0)
  // At least as long as something may happen again to the same commit.
  const events = { before: now - Math.max(journalsMs, TRIGGER_WINDOW_MS), limit: ROWS_PER_WRITE }
  await repeat(app, signal, async (tx) => (await pruneEvents(tx, events)) > 0)
  const proofs = { before: now - PROOFS_KEPT_MS, limit: ROWS_PER_WRITE }
  await repeat(app, signal, async (tx) => (await foldProofs(tx, proofs)) > 0)
  await repeat(app, signal, (tx) => clearNextPayloads(tx, now - payloadsMs))
  const adminLog = { before: now - ADMIN_LOG_KEPT_MS, limit: ROWS_PER_WRITE }
  await repeat(app, signal, async (tx) => (await pruneAdminLog(tx, adminLog)) > 0)
  await app.db.write('background', (tx) => pruneSessions(tx, { now, seenAfter: now - IDLE_MS }))
  await planPruning(app, new Date(now + INTERVAL_MS))
}

/** Asks for a round; one that is planned for earlier stays. */
export async function planPruning(app: AppContext, runAt: Date): Promise<void> {
  await app.db.write('background', (tx) =>
    app.jobs.add(tx, { name: 'prune-journals', payload: {}, key: 'prune-journals', runAt }),
  )
}

/** In small transactions, so that webhooks come in between; `step` tells whether there is more. */
async function repeat(app: AppContext, signal: AbortSignal, step: (tx: Tx) => Promise<boolean>): Promise<void> {
  for (let more = true; more; more = await app.db.write('background', step)) signal.throwIfAborted()
}

async function clearNextPayloads(tx: Tx, before: number): Promise<boolean> {
  const after = Number((await findSetting(tx, 'retention.payloads-cleared-to')) ?? 0)
  const until = await clearPayloads(tx, { after, before, limit: ROWS_PER_WRITE })
  if (until === null) return false
  await saveSetting(tx, 'retention.payloads-cleared-to', String(until))
  return true
}
