import { findAccount, listAccounts, saveAccount, setAccountState, type AccountSettings } from '../../db/stores/accounts.ts'
import type { AppContext } from '../app-context.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'

/**
 * Makes the accounts of the configuration file known and lets the schedule begin. An account that left the file keeps
 * its data and says so: deleting is for a person.
 */
export async function declareAccounts(app: AppContext, accounts: readonly AccountSettings[]): Promise<void> {
  const now = app.clock.now()
  const ids = new Set(accounts.map(({ id }) => id))
  await app.db.write('interactive', async (tx) => {
    for (const account of accounts) {
      await saveAccount(tx, account, {}, now.getTime())
      const known = await findAccount(tx, account.id)
      if (known?.problem?.code === 'account-not-configured') await setAccountState(tx, account.id, 'ok', null)
    }
  })
  for (const account of await listAccounts(app.db.read)) {
    if (account.managedBy === 'file' && !ids.has(account.id)) {
      const problem = {
        code: 'account-not-configured',
        message: `The account "${account.id}" is not in the configuration file any more. Its data is kept, nothing is synchronised.`,
        remedy: 'Put it back into the file, or delete the account.',
      }
      await app.db.write('interactive', (tx) => setAccountState(tx, account.id, 'degraded', problem))
    }
  }
}

/** Asks for a sweep of every account that is due, or at its time. */
export async function scheduleSweeps(app: AppContext): Promise<void> {
  const { sweepIntervalMs } = app.settings
  if (sweepIntervalMs === null) return
  for (const { id, nextSweepAt } of await listAccounts(app.db.read)) {
    const account = await findAccount(app.db.read, id)
    if (account?.problem?.code === 'account-not-configured') continue
    await app.db.write('interactive', (tx) =>
      app.jobs.add(tx, {
        name: 'sweep-account',
        payload: { accountId: id, trigger: 'schedule' },
        key: sweepJobKey(id),
        // A plan that is further ahead was made by a clock that has been set back, or with a longer interval.
        runAt: new Date(Math.min(nextSweepAt?.getTime() ?? 0, app.clock.now().getTime() + sweepIntervalMs)),
      }),
    )
  }
}
