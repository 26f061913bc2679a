import type { AccountId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { PROOF_COUNTS, toDriftCounts, type DriftCounts } from '../stores/proofs.ts'

export interface ProofTotals {
  readonly accountId: AccountId
  /** Repositories compared with the host, each as often as it was. */
  readonly proved: number
  /** Comparisons that could not be made. */
  readonly failed: number
  readonly drift: DriftCounts
}

/** Since the account was connected, by account: these numbers only rise. Accounts of which nothing was proved are left out. */
export async function readProofTotals(db: Reader): Promise<ProofTotals[]> {
  const rows = await db
    .selectFrom('proofs')
    .select('account_id')
    .select((e) => PROOF_COUNTS.map((name) => e.fn.sum<number>(name).as(name)))
    .groupBy('account_id')
    .orderBy('account_id')
    .execute()
  return rows.map((row) => ({
    accountId: row.account_id as AccountId,
    proved: Number(row.proved),
    failed: Number(row.failed),
    drift: toDriftCounts(row),
  }))
}

export interface ProofHour extends Omit<ProofTotals, 'accountId'> {
  /** Its beginning. */
  readonly hour: Date
}

export interface ProofHoursPage {
  readonly items: readonly ProofHour[]
  /** Position of the next page; null: this is the last one. */
  readonly next: number | null
}

/** Hours of an account in which something was proved or repaired, newest first. */
export async function readProofHours(
  db: Reader,
  accountId: AccountId,
  { after, limit }: { after: number | null; limit: number },
): Promise<ProofHoursPage> {
  let select = db
    .selectFrom('proofs')
    .select(['hour', ...PROOF_COUNTS])
    .where('account_id', '=', accountId)
    .where('hour', '>', 0)
    .orderBy('hour', 'desc')
    .limit(limit + 1)
  if (after !== null) select = select.where('hour', '<', after)
  const rows = await select.execute()
  const items = rows.slice(0, limit).map((row) => ({
    hour: new Date(row.hour),
    proved: row.proved,
    failed: row.failed,
    drift: toDriftCounts(row),
  }))
  return { items, next: rows.length > limit ? (rows[limit - 1]?.hour ?? null) : null }
}

/** Repositories of the account with drift that is not repaired yet. */
export async function countOpenDrift(db: Reader, accountId: AccountId): Promise<number> {
  const row = await db
    .selectFrom('repositories')
    .select((e) => e.fn.countAll<number>().as('open'))
    .where('account_id', '=', accountId)
    .where('drift', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.open)
}
