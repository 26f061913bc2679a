import type { Account } from '../../domain/account.ts'

/** Address to which the host sends an account's webhooks. */
export function webhookUrl(serverUrl: string, account: Pick<Account, 'id'>): string {
  return `${serverUrl}/webhooks/${encodeURIComponent(account.id)}`
}
