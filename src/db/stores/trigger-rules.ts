import type { TriggerConditions, TriggerEvent, TriggerRule } from '../../domain/trigger.ts'
import type { Reader, Tx } from '../database.ts'

export interface StoredTriggerRule extends TriggerRule {
  readonly changedBy: string
  readonly changedAt: Date
}

export type TriggerRuleValues = Omit<StoredTriggerRule, 'id'>

/** In the order in which they are tried. */
export async function listTriggerRules(db: Reader): Promise<StoredTriggerRule[]> {
  const rows = await db.selectFrom('trigger_rules').selectAll().orderBy('position').orderBy('id').execute()
  return rows.map((row) => ({
    id: String(row.id),
    name: row.name,
    enabled: row.enabled === 1,
    event: row.event,
    conditions: JSON.parse(row.conditions) as TriggerConditions,
    transition: row.transition,
    comment: row.comment,
    changedBy: row.changed_by,
    changedAt: new Date(row.changed_at),
  }))
}

/** Events that at least one enabled rule waits for. */
export async function listAwaitedEvents(db: Reader): Promise<Set<TriggerEvent>> {
  const rows = await db.selectFrom('trigger_rules').select('event').where('enabled', '=', 1).distinct().execute()
  return new Set(rows.map(({ event }) => event))
}

/** Adds a rule behind all others; returns its id. */
export async function addTriggerRule(tx: Tx, rule: TriggerRuleValues): Promise<string> {
  const last = await tx
    .selectFrom('trigger_rules')
    .select((e) => e.fn.max<number | null>('position').as('position'))
    .executeTakeFirst()
  const { id } = await tx
    .insertInto('trigger_rules')
    .values({ ...toColumns(rule), position: (last?.position ?? 0) + 1 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return String(id)
}

/** False: there is none of this id. */
export async function changeTriggerRule(tx: Tx, id: string, rule: TriggerRuleValues): Promise<boolean> {
  const changed = await tx.updateTable('trigger_rules').set(toColumns(rule)).where('id', '=', Number(id)).executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** False: there is none of this id. What it did stays in the log. */
export async function deleteTriggerRule(tx: Tx, id: string): Promise<boolean> {
  const deleted = await tx.deleteFrom('trigger_rules').where('id', '=', Number(id)).executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

/** Puts the rules into this order; those not named come behind, in the order they have. */
export async function orderTriggerRules(tx: Tx, ids: readonly string[]): Promise<void> {
  const known = (await listTriggerRules(tx)).map(({ id }) => id)
  const named = ids.filter((id) => known.includes(id))
  const order = [...named, ...known.filter((id) => !named.includes(id))]
  for (const [index, id] of order.entries()) {
    await tx
      .updateTable('trigger_rules')
      .set({ position: index + 1 })
      .where('id', '=', Number(id))
      .execute()
  }
}

function toColumns(rule: TriggerRuleValues) {
  return {
    name: rule.name,
    enabled: rule.enabled ? 1 : 0,
    event: rule.event,
    conditions: JSON.stringify(rule.conditions),
    transition: rule.transition,
    comment: rule.comment,
    changed_by: rule.changedBy,
    changed_at: rule.changedAt.getTime(),
  } as const
}
