import { sql } from 'kysely'
import type { Tx } from '../database.ts'
import type { Schema } from '../schema.ts'
import { findSetting, saveSetting, type SettingKey } from './settings.ts'

/** Times that something waits for, or that are compared with now to tell whether it is time again. */
const TIMES: { readonly [T in keyof Schema]?: readonly (keyof Schema[T] & string)[] } = {
  accounts: ['swept_at', 'next_sweep_at', 'webhook_sweep_at'],
  account_webhooks: ['previous_until', 'hook_checked_at', 'missed_at', 'woken_at'],
  left_hooks: ['next_at'],
  oauth_credentials: ['lease_until', 'retry_at'],
  token_expiries: ['looked_at'],
  repositories: ['sync_retry_at', 'webhook_checked_at', 'proved_at', 'drift_suspected_at', 'runs_looked_at'],
  issues: ['due_at', 'check_at', 'refreshed_at'],
}

/** The same inside settings that hold JSON. */
const TIMES_IN_SETTINGS = [
  { key: 'jira.delivery-hold', field: 'until' },
  { key: 'jira.poll', field: 'at' },
] as const satisfies readonly { key: SettingKey; field: string }[]

/**
 * After the clock was set back: what lay ahead, or seems to, comes nearer by as much, so that nothing stands still until the old
 * time comes round again. Times that only tell people when something was stay as they are.
 *
 * @param options `now` by the clock as it is, `byMs` how far it was set back
 */
export async function pullTimesBack(tx: Tx, { now, byMs }: { readonly now: number; readonly byMs: number }): Promise<void> {
  for (const [table, columns] of Object.entries(TIMES)) {
    for (const column of columns) {
      const time = sql.ref(column)
      await sql`update ${sql.table(table)} set ${time} = ${time} - ${byMs} where ${time} > ${now}`.execute(tx)
    }
  }
  for (const { key, field } of TIMES_IN_SETTINGS) {
    const stored = await findSetting(tx, key)
    if (stored === null) continue
    const value = JSON.parse(stored) as Record<string, unknown>
    const time = value[field]
    if (typeof time === 'number' && time > now) await saveSetting(tx, key, JSON.stringify({ ...value, [field]: time - byMs }))
  }
}
