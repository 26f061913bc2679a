import type { AccountId } from '../../domain/ids.ts'
import type { WebhookState } from '../../domain/repository.ts'
import type { Reader } from '../database.ts'
import { findAccountHook, type AccountHook } from '../stores/hooks.ts'
import { listLeftHooks, type LeftHook } from '../stores/left-hooks.ts'
import { findRotation, type RotationProgress } from '../stores/webhook-secrets.ts'

/** Reasons shown at once: the rest is in the list of repositories. */
const MAX_REASONS = 10
const MAX_LEFT = 20

export interface WebhookOverview {
  readonly hook: AccountHook | null
  /** Linked repositories by the state of their webhook. */
  readonly counts: Readonly<Record<WebhookState, number>>
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly repositories: number }[]
  readonly rotation: RotationProgress | null
  readonly lastReceivedAt: number | null
  /** Hooks that the host did not let go, those that are tried next first. */
  readonly left: readonly LeftHook[]
}

/** How the webhooks of an account are. */
export async function readWebhookOverview(db: Reader, id: AccountId): Promise<WebhookOverview> {
  const rows = await db
    .selectFrom('repositories')
    .select(['webhook_state', 'webhook_reason', (e) => e.fn.countAll<number>().as('count')])
    .where('account_id', '=', id)
    .where('linked', '=', 1)
    .where('missing_since', 'is', null)
    .groupBy(['webhook_state', 'webhook_reason'])
    .execute()
  const counts: Record<WebhookState, number> = { live: 0, polling: 0, broken: 0, off: 0 }
  for (const row of rows) counts[row.webhook_state] += Number(row.count)
  const reasons = rows
    .flatMap((row) => (row.webhook_reason === null ? [] : [{ reason: row.webhook_reason, repositories: Number(row.count) }]))
    .toSorted((a, b) => b.repositories - a.repositories || a.reason.localeCompare(b.reason))
  const last = await db
    .selectFrom('webhook_deliveries')
    .select((e) => e.fn.max('received_at').as('at'))
    .where('account_id', '=', id)
    .executeTakeFirst()
  const at = last?.at ?? null
  return {
    hook: await findAccountHook(db, id),
    counts,
    reasons: reasons.slice(0, MAX_REASONS),
    rotation: await findRotation(db, id),
    lastReceivedAt: at === null ? null : Number(at),
    left: await listLeftHooks(db, id, { limit: MAX_LEFT }),
  }
}
