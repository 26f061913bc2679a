import { checkMigrations } from '../../db/copy/write-copy.ts'
import type { CopiedRows } from '../../db/copy/copied-table.ts'
import type { RowValue } from '../../db/packed-rows.ts'
import type { BackupHead } from './backup-format.ts'
import { readBackup } from './read-backup.ts'

/** What a backup is, after it was read to its end once. */
export interface InspectedBackup {
  readonly head: BackupHead
  readonly rows: number
  /** What tells whether a key is the one by which its secrets are sealed; null: nothing is sealed in it. */
  readonly canary: string | null
  /** Accounts whose credential is in it, sealed. */
  readonly signedIn: readonly { readonly id: string; readonly name: string }[]
  /** The credential for Jira is in it, sealed. */
  readonly jira: boolean
}

/**
 * Reads the whole backup before anything is written.
 *
 * @throws ConnectorError as `readBackup`
 */
export async function inspectBackup(file: string): Promise<InspectedBackup> {
  const { head, rows } = await readBackup(file)
  checkMigrations(head.migrations)
  const settings = new Map<RowValue, RowValue>()
  const signedIn: { id: string; name: string }[] = []
  let count = 0
  for await (const some of rows) {
    count += some.rows.length
    if (some.table === 'settings') for (const row of toObjects(some)) settings.set(row['key'] ?? null, row['value'] ?? null)
    if (some.table !== 'accounts') continue
    for (const { id, name, managed_by: by } of toObjects(some)) {
      if (by === 'browser') signedIn.push({ id: String(id), name: String(name) })
    }
  }
  const canary = settings.get('secret.canary')
  return {
    head,
    rows: count,
    canary: typeof canary === 'string' ? canary : null,
    signedIn,
    jira: settings.has('jira.connection'),
  }
}

const toObjects = ({ columns, rows }: CopiedRows): Readonly<Record<string, RowValue>>[] =>
  rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))
