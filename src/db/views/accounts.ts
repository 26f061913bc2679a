import type { Account } from '../../domain/account.ts'
import type { AccountId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { findAccount, listAccounts } from '../stores/accounts.ts'
import { readAccountDetails, type AccountDetails } from './account-details.ts'

/** An account with what the list of accounts shows beside it. */
export interface AccountOverview {
  readonly account: Account
  readonly details: AccountDetails
}

/** Where a page ended. */
export interface AccountPosition {
  /** Name in lower case. */
  readonly name: string
  readonly id: string
}

export interface AccountPage {
  readonly items: readonly AccountOverview[]
  readonly next: AccountPosition | null
}

/** Accounts by name, ignoring case. There are few: sorting them here gives both databases the same order. */
export async function readAccounts(db: Reader, page: { after: AccountPosition | null; limit: number }): Promise<AccountPage> {
  const [accounts, details] = await Promise.all([listAccounts(db), readAccountDetails(db)])
  const { after } = page
  const following = accounts
    .toSorted((a, b) => compare(positionOf(a), positionOf(b)))
    .filter((account) => after === null || compare(positionOf(account), after) > 0)
  const shown = following.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.flatMap((account) => {
      const own = details.get(account.id)
      // It came, or went, between the two reads.
      return own === undefined ? [] : [{ account, details: own }]
    }),
    next: following.length > shown.length && last !== undefined ? positionOf(last) : null,
  }
}

/** One account; null when there is none of this id. */
export async function readAccount(db: Reader, id: AccountId): Promise<AccountOverview | null> {
  const [account, details] = await Promise.all([findAccount(db, id), readAccountDetails(db, id)])
  const own = details.get(id)
  return account === null || own === undefined ? null : { account, details: own }
}

const positionOf = ({ name, id }: Account): AccountPosition => ({ name: name.toLowerCase(), id })

function compare(a: AccountPosition, b: AccountPosition): number {
  return a.name.localeCompare(b.name) || a.id.localeCompare(b.id)
}
