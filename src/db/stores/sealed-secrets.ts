import type { Problem } from '../../domain/problem.ts'
import type { Tx } from '../database.ts'
import { deleteSetting } from './settings.ts'

/**
 * Forgets every secret that is stored, because no key opens them any more. Accounts that were given theirs in the browser
 * need a sign-in; those of the configuration file bring their own.
 *
 * @param tables those that there are; an older backup lacks some
 * @param toProblem what to say at the account with this id
 */
export async function forgetSealedSecrets(
  tx: Tx,
  { tables, toProblem }: { tables: ReadonlySet<string>; toProblem: (id: string) => Problem },
): Promise<void> {
  const secretless = { token_sealed: null, webhook_admin_token_sealed: null, webhook_secret_sealed: null }
  const asking = await tx.selectFrom('accounts').select('id').where('managed_by', '=', 'browser').execute()
  for (const { id } of asking) {
    const problem = JSON.stringify(toProblem(id))
    await tx.updateTable('accounts').set({ state: 'needs-sign-in', problem }).where('id', '=', id).execute()
  }
  await tx.updateTable('accounts').set(secretless).execute()
  await tx.updateTable('account_webhooks').set({ previous_secret_sealed: null }).execute()
  await tx.deleteFrom('oauth_credentials').execute()
  if (tables.has('smart_commit_tokens')) await tx.deleteFrom('smart_commit_tokens').execute()
  const sealed = ['secret.canary', 'jira.connection', 'jira.webhook-secret', 'jira.application-link'] as const
  for (const key of sealed) await deleteSetting(tx, key)
}
