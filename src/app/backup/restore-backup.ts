import { writeCopy } from '../../db/copy/write-copy.ts'
import type { CopiedRows } from '../../db/copy/copied-table.ts'
import type { DatabaseOptions } from '../../db/open-database.ts'
import { forgetJira } from '../../db/stores/issue-rechecks.ts'
import { deleteSetting } from '../../db/stores/settings.ts'
import { holdRestoredWork } from '../../db/stores/restored-work.ts'
import { forgetSealedSecrets } from '../../db/stores/sealed-secrets.ts'
import { listAccountIds, listDeletingAccounts } from '../../db/stores/accounts.ts'
import type { Problem } from '../../domain/problem.ts'
import type { AppContext } from '../app-context.ts'
import { deletionJobKey } from '../accounts/delete-account.ts'
import { RESTORED } from '../smart-commits/restored.ts'
import { askForSyncsAgain } from '../run-jobs.ts'
import { addRotationJob } from '../webhooks/rotate-secret.ts'
import type { InspectedBackup } from './inspect-backup.ts'
import { readBackup } from './read-backup.ts'

export interface RestoreBackup {
  /** Absolute path. */
  readonly file: string
  readonly backup: InspectedBackup
  /** false: its secrets are forgotten. */
  readonly withSecrets: boolean
  readonly now: number
}

/**
 * Fills an empty database from a backup that was inspected. What Jira holds may be newer than the backup, so that every
 * issue is compared with it again; and what waited may have been done since, so that it is left to people.
 *
 * @throws ConnectorError as `writeCopy` and `readBackup`
 */
export async function restoreBackup(database: DatabaseOptions, { file, backup, withSecrets, now }: RestoreBackup): Promise<void> {
  await writeCopy(database, {
    migrations: backup.head.migrations,
    rows: () => readRows(file),
    async finish(tx, tables) {
      if (!withSecrets) await forgetSealedSecrets(tx, { tables, toProblem: needsSignIn })
      await holdRestoredWork(tx, { tables, problem: RESTORED })
      await forgetJira(tx, now)
      // Jira holds a newer one.
      await deleteSetting(tx, 'jira.marks')
    },
  })
}

async function* readRows(file: string): AsyncGenerator<CopiedRows> {
  yield* (await readBackup(file)).rows
}

/** Asks for the work that was under way when the backup was made; what the schedule brings comes by itself. */
export async function resumeWork(app: Pick<AppContext, 'db' | 'jobs' | 'clock'>): Promise<void> {
  await askForSyncsAgain(app)
  const accounts = await listAccountIds(app.db.read)
  const deleting = new Set(await listDeletingAccounts(app.db.read))
  await app.db.write('interactive', async (tx) => {
    for (const id of [...accounts].toSorted()) {
      if (!deleting.has(id)) await addRotationJob(app, tx, { id })
      else await app.jobs.add(tx, { name: 'delete-account', payload: { accountId: id }, key: deletionJobKey(id) })
    }
    await app.jobs.add(tx, { name: 'deliver', payload: {}, key: 'deliver' })
    await app.jobs.add(tx, { name: 'process-webhooks', payload: {}, key: 'process-webhooks', priority: 'webhook' })
  })
}

function needsSignIn(id: string): Problem {
  return {
    code: 'sign-in-needed',
    message: `The account "${id}" was restored without the key of its stored credentials.`,
    remedy: 'Enter its credentials again, or sign in.',
  }
}
