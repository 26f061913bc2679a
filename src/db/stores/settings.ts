import type { Reader, Tx } from '../database.ts'

/** Small facts about this installation: its id, the Jira it was connected to. */
export type SettingKey =
  | 'installation.id'
  | 'secret.canary'
  | 'jira.identity'
  /** Marks that this installation left in Jira, newest first. */
  | 'jira.marks'
  | 'jira.projects-read-at'
  | 'jira.delivery-hold'
  | 'jira.delivery-settings'
  | 'retention.payloads-cleared-to'
  /** Up to when refused files of commits were asked for again. */
  | 'files.refused-forgotten-to'
  | 'jira.webhook-secret'
  | 'jira.webhook-arrival'
  | 'jira.webhook-installation'
  | 'jira.poll'
  | 'jira.connection'
  | 'jira.facts'
  | 'jira.built-in-connector'
  | 'jira.application-link'
  | 'jira.sign-in'
  | 'issue-keys'
  | 'jira-app.signing'
  | 'smart-commits.project-trust'
  /** What the clock showed when it was looked at last. */
  | 'clock.seen'
  /** The last synchronisation that was in the backup from which this was restored. */
  | 'restored.sync'

export async function findSetting(db: Reader, key: SettingKey): Promise<string | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value ?? null
}

export async function saveSetting(tx: Tx, key: SettingKey, value: string): Promise<void> {
  await tx
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

/** Keeps what another node saved first. */
export async function saveSettingOnce(tx: Tx, key: SettingKey, value: string): Promise<void> {
  await tx
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}

/** Its value, which no other node changes before the end of the transaction; there must be one. */
export async function findSettingToChange(tx: Tx, key: SettingKey): Promise<string | null> {
  const row = await tx
    .updateTable('settings')
    .set((setting) => ({ value: setting.ref('value') }))
    .where('key', '=', key)
    .returning('value')
    .executeTakeFirst()
  return row?.value ?? null
}

export async function deleteSetting(tx: Tx, key: SettingKey): Promise<void> {
  await tx.deleteFrom('settings').where('key', '=', key).execute()
}
