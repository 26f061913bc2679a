import type { Account } from '../../domain/account.ts'
import type { Reader } from '../../db/database.ts'
import { findAccountWithSecrets } from '../../db/stores/accounts.ts'
import { ConnectorError } from '../../lib/connector-error.ts'

/** Where the token of an account is sent. */
export type AccountPlace = Pick<Account, 'id' | 'host' | 'url' | 'gitUrl'>

/**
 * The sealed token of an account that is where it was. A synchronisation may run on for hours after somebody entered
 * another address: the token that belongs to the new one must not be sent to the old one.
 *
 * @throws ConnectorError `account-changed`
 */
export async function readTokenAt(db: Reader, place: AccountPlace): Promise<string | null> {
  const stored = await findAccountWithSecrets(db, place.id)
  if (stored !== null && stored.account.url === place.url && stored.account.gitUrl === place.gitUrl) return stored.sealed.token
  throw accountChanged(place)
}

/** What was begun with the old settings goes on with the new ones at its next try. */
export function accountChanged({ id }: Pick<AccountPlace, 'id'>): ConnectorError {
  return new ConnectorError('account-changed', {
    userMessage: `The account "${id}" was changed while this work ran with its former settings.`,
    remedy: 'Nothing: it is tried again with the new ones.',
    retryable: true,
  })
}
