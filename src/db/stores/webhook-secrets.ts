import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/**
 * The secret of an account's webhooks while it is replaced:
 *
 * - one secret → re-saving: `beginRotation` makes a new one the current one; the old one stays valid.
 * - re-saving → grace: every hook carries the new one (`endResaving`); the old one stays valid for deliveries under way.
 * - grace → one secret: `dropPreviousSecret`, when its time is over and still no hook carries the old one.
 * - grace → re-saving: another rotation; the secret before the old one is forgotten at once, because no hook carries it.
 *
 * Which hooks carry which secret stands in their rows (`webhook_generation`, `hook_generation`), so that a rotation goes
 * on after a crash where it was.
 */
export interface WebhookSecrets {
  /** null: none was made yet. */
  readonly sealed: string | null
  readonly generation: number
  readonly previousSealed: string | null
  /** null: without end, as long as hooks are re-saved. */
  readonly previousUntil: number | null
}

/** Of one moment; null: there is no such account. */
export async function findWebhookSecrets(db: Reader, id: AccountId): Promise<WebhookSecrets | null> {
  const row = await db
    .selectFrom('accounts')
    .leftJoin('account_webhooks as w', 'w.account_id', 'accounts.id')
    .select(['accounts.webhook_secret_sealed', 'w.secret_generation', 'w.previous_secret_sealed', 'w.previous_until'])
    .where('accounts.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    sealed: row.webhook_secret_sealed,
    generation: row.secret_generation ?? 1,
    previousSealed: row.previous_secret_sealed,
    previousUntil: row.previous_until,
  }
}

/** Makes `sealed` the current secret and the current one the previous; false, and nothing, while hooks are re-saved. */
export async function beginRotation(tx: Tx, id: AccountId, { sealed, now }: { sealed: string; now: number }): Promise<boolean> {
  await tx
    .insertInto('account_webhooks')
    .values({ account_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // The condition in the statement itself: of two requests at once, on whatever nodes, one begins.
  const begun = await tx
    .updateTable('account_webhooks')
    .set((e) => ({
      secret_generation: e('secret_generation', '+', 1),
      previous_secret_sealed: e.selectFrom('accounts').select('webhook_secret_sealed').where('id', '=', id),
      previous_until: null,
      rotation_began_at: now,
    }))
    .where('account_id', '=', id)
    .where((e) => e.or([e('previous_secret_sealed', 'is', null), e('previous_until', 'is not', null)]))
    .returning('account_id')
    .executeTakeFirst()
  if (begun === undefined) return false
  await tx.updateTable('accounts').set({ webhook_secret_sealed: sealed }).where('id', '=', id).execute()
  return true
}

/** Repositories whose hook carries an older secret, at most `limit`, from this id on. */
export async function listOutdatedHooks(
  db: Reader,
  id: AccountId,
  { after, limit }: { after: number; limit: number },
): Promise<{ readonly id: number; readonly hostId: HostId }[]> {
  const rows = await db
    .selectFrom('repositories as r')
    .innerJoin('account_webhooks as w', 'w.account_id', 'r.account_id')
    .select(['r.id', 'r.host_id'])
    .where('r.account_id', '=', id)
    .where('r.id', '>', after)
    .whereRef('r.webhook_generation', '<', 'w.secret_generation')
    .orderBy('r.id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id, hostId: row.host_id as HostId }))
}

export interface RotationProgress {
  readonly beganAt: number
  /** Hooks that carry the new secret, of all that there are. */
  readonly done: number
  readonly total: number
  /** When the old secret ends; null while hooks are re-saved. */
  readonly previousUntil: number | null
}

/** null: one secret is valid. */
export async function findRotation(db: Reader, id: AccountId): Promise<RotationProgress | null> {
  const row = await db
    .selectFrom('account_webhooks')
    .select(['secret_generation', 'previous_secret_sealed', 'previous_until', 'rotation_began_at', 'hook_generation'])
    .where('account_id', '=', id)
    .executeTakeFirst()
  if (row === undefined || row.previous_secret_sealed === null) return null
  const hooks = await db
    .selectFrom('repositories')
    .select(['webhook_generation', (e) => e.fn.countAll<number>().as('count')])
    .where('account_id', '=', id)
    .where('webhook_generation', 'is not', null)
    .groupBy('webhook_generation')
    .execute()
  const own = row.hook_generation === null ? [] : [{ webhook_generation: row.hook_generation, count: 1 }]
  const all = [...hooks, ...own]
  const count = (rows: typeof all) => rows.reduce((sum, hook) => sum + Number(hook.count), 0)
  return {
    beganAt: row.rotation_began_at ?? 0,
    done: count(all.filter((hook) => Number(hook.webhook_generation) >= row.secret_generation)),
    total: count(all),
    previousUntil: row.previous_until,
  }
}

/** Every hook carries the new secret: the old one ends at `until`. */
export async function endResaving(tx: Tx, id: AccountId, until: number): Promise<void> {
  await tx
    .updateTable('account_webhooks')
    .set({ previous_until: until })
    .where('account_id', '=', id)
    .where('previous_secret_sealed', 'is not', null)
    .where('previous_until', 'is', null)
    .execute()
}

/** Forgets the old secret, if its time is over. */
export async function dropPreviousSecret(tx: Tx, id: AccountId, now: number): Promise<void> {
  await tx
    .updateTable('account_webhooks')
    .set({ previous_secret_sealed: null, previous_until: null, rotation_began_at: null })
    .where('account_id', '=', id)
    .where('previous_until', '<=', now)
    .execute()
}

/** A person has replaced the secret of hooks that people install: the old one stays valid until `until`. */
export async function keepPreviousSecret(
  tx: Tx,
  id: AccountId,
  { sealed, now, until }: { sealed: string; now: number; until: number },
): Promise<void> {
  const kept = { previous_secret_sealed: sealed, previous_until: until, rotation_began_at: now }
  await tx
    .insertInto('account_webhooks')
    .values({ account_id: id, ...kept })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(kept))
    .execute()
}
