import { sql } from 'kysely'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import { DRIFT_KINDS, type DriftCount, type DriftKind } from '../../domain/drift.ts'
import type { Reader, Tx } from '../database.ts'
import type { ProofsTable } from '../account-tables.ts'

/**
 * The rolling proof of a repository: due → proved, or → suspected (a difference that nothing explained yet) → proved,
 * with or without drift. Drift stays open in the repository's row until a synchronisation has repaired it.
 */

const HOUR_MS = 60 * 60_000

/** Columns that count what a proof did, without key. */
export type ProofCount = Exclude<keyof ProofsTable, 'account_id' | 'hour'>

const FOUND = {
  refs: 'refs_found',
  'pull-requests': 'pull_requests_found',
  builds: 'builds_found',
  deployments: 'deployments_found',
  'missing-repository': 'missing_found',
} as const satisfies Record<DriftKind, ProofCount>
const REPAIRED = {
  refs: 'refs_repaired',
  'pull-requests': 'pull_requests_repaired',
  builds: 'builds_repaired',
  deployments: 'deployments_repaired',
  'missing-repository': 'missing_repaired',
} as const satisfies Record<DriftKind, ProofCount>

/** Repositories that take part in the proof: linked, listed by the host, and imported. */
const provable = (db: Reader, accountId: AccountId) =>
  db
    .selectFrom('repositories')
    .where('account_id', '=', accountId)
    .where('linked', '=', 1)
    .where('missing_since', 'is', null)
    .where('sync_finished_at', 'is not', null)

/** How many repositories take part, and how many of them were proved since a time in ms. */
export async function countProvable(db: Reader, accountId: AccountId, since: number): Promise<{ all: number; proved: number }> {
  const row = await provable(db, accountId)
    .select((e) => [
      e.fn.countAll<number>().as('all'),
      e.fn.count<number>(e.case().when('proved_at', '>=', since).then(1).end()).as('proved'),
    ])
    .executeTakeFirstOrThrow()
  return { all: Number(row.all), proved: Number(row.proved) }
}

/**
 * The repositories whose last proof is longest ago and before a time in ms; those never proved first, by id. Only those
 * of which nothing is under way: what is being synchronised proves itself.
 */
export async function listDueProofs(
  db: Reader,
  accountId: AccountId,
  { before, limit }: { before: number; limit: number },
): Promise<RepositoryId[]> {
  const rows = await provable(db, accountId)
    .select('id')
    .where('sync_state', '=', 'idle')
    .where('drift_suspected_at', 'is', null)
    .where((e) => e.or([e('proved_at', 'is', null), e('proved_at', '<', before)]))
    .orderBy(sql`coalesce(proved_at, 0)`)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => String(id) as RepositoryId)
}

/** → proved; counted as compared, or as one that could not be. */
export async function setProved(
  tx: Tx,
  id: RepositoryId,
  proof: { accountId: AccountId; now: number; as: 'proved' | 'failed' },
): Promise<void> {
  await tx
    .updateTable('repositories')
    .set({ proved_at: proof.now, drift_suspected_at: null })
    .where('id', '=', Number(id))
    .execute()
  await count(tx, { ...proof, counts: [proof.as] })
}

/** due → suspected. */
export async function suspectDrift(tx: Tx, id: RepositoryId, now: number): Promise<void> {
  await tx.updateTable('repositories').set({ drift_suspected_at: now }).where('id', '=', Number(id)).execute()
}

export interface Suspicion {
  readonly id: RepositoryId
  /** What ran since, or is about to run, explains the difference. */
  readonly explained: boolean
}

/** Repositories of the account that are suspected since before a time in ms. */
export async function listSuspected(db: Reader, accountId: AccountId, before: number): Promise<Suspicion[]> {
  const rows = await db
    .selectFrom('repositories')
    .select((e) => ['id', e.case().when(unexplained).then(1).else(0).end().as('unexplained')])
    .where('account_id', '=', accountId)
    .where('drift_suspected_at', '<=', before)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ id: String(row.id) as RepositoryId, explained: row.unexplained === 0 }))
}

/** Nothing is asked for, runs, waits for its next try, or ran since the difference was seen. */
const unexplained = sql<boolean>`linked = 1 and missing_since is null and sync_state = 'idle' and sync_started_at < drift_suspected_at`

/**
 * suspected → proved, with drift of these kinds: counted as found, and open until it is repaired. False when something
 * explains it after all.
 */
export async function confirmDrift(
  tx: Tx,
  id: RepositoryId,
  { accountId, kinds, now }: { accountId: AccountId; kinds: readonly DriftKind[]; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('repositories')
    .set({ drift: JSON.stringify(kinds), proved_at: now, drift_suspected_at: null })
    .where('id', '=', Number(id))
    .where(unexplained)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  await count(tx, { accountId, now, counts: ['proved', ...kinds.map((kind) => FOUND[kind])] })
  return true
}

/** A synchronisation ended well: what was open is repaired. */
export async function repairDrift(tx: Tx, id: RepositoryId, now: number): Promise<void> {
  const row = await tx
    .selectFrom('repositories')
    .select(['account_id', 'drift'])
    .where('id', '=', Number(id))
    .where('drift', 'is not', null)
    .executeTakeFirst()
  if (row === undefined) return
  await tx.updateTable('repositories').set({ drift: null }).where('id', '=', Number(id)).execute()
  const kinds = parseKinds(row.drift)
  await count(tx, { accountId: row.account_id as AccountId, now, counts: kinds.map((kind) => REPAIRED[kind]) })
}

/** A complete listing marked what is gone: the connector knows of it again. */
export async function repairMissing(tx: Tx, accountId: AccountId, now: number): Promise<void> {
  const rows = await tx
    .selectFrom('repositories')
    .select('id')
    .where('account_id', '=', accountId)
    .where('drift', 'is not', null)
    .where('missing_since', 'is not', null)
    .execute()
  for (const { id } of rows) await repairDrift(tx, String(id) as RepositoryId, now)
}

function parseKinds(drift: string | null): DriftKind[] {
  const kinds = new Set(JSON.parse(drift ?? '[]') as string[])
  return DRIFT_KINDS.filter((kind) => kinds.has(kind))
}

async function count(
  tx: Tx,
  { accountId, now, counts }: { accountId: AccountId; now: number; counts: readonly ProofCount[] },
): Promise<void> {
  if (counts.length === 0) return
  const hour = now - (now % HOUR_MS)
  await tx
    .insertInto('proofs')
    .values({ account_id: accountId, hour, ...Object.fromEntries(counts.map((name) => [name, 1])) })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'hour'])
        .doUpdateSet(Object.fromEntries(counts.map((name) => [name, sql<number>`${sql.ref(`proofs.${name}`)} + 1`]))),
    )
    .execute()
}

export const PROOF_COUNTS = [
  'proved',
  'failed',
  'refs_found',
  'refs_repaired',
  'pull_requests_found',
  'pull_requests_repaired',
  'builds_found',
  'builds_repaired',
  'deployments_found',
  'deployments_repaired',
  'missing_found',
  'missing_repaired',
] as const satisfies readonly ProofCount[]

/** Adds hours before a time in ms to the account's row of hour 0, so that totals only ever rise; returns how many. */
export async function foldProofs(tx: Tx, { before, limit }: { before: number; limit: number }): Promise<number> {
  const rows = await tx
    .selectFrom('proofs')
    .select(['account_id', 'hour', ...PROOF_COUNTS])
    .where('hour', '>', 0)
    .where('hour', '<', before)
    .limit(limit)
    .execute()
  for (const { account_id, hour, ...counts } of rows) {
    const added = Object.fromEntries(
      PROOF_COUNTS.map((name) => [name, sql<number>`${sql.ref(`proofs.${name}`)} + ${sql.lit(Number(counts[name]))}`]),
    )
    await tx
      .insertInto('proofs')
      .values({ account_id, hour: 0, ...counts })
      .onConflict((conflict) => conflict.columns(['account_id', 'hour']).doUpdateSet(added))
      .execute()
    await tx.deleteFrom('proofs').where('account_id', '=', account_id).where('hour', '=', hour).execute()
  }
  return rows.length
}

/** With the account. */
export async function deleteProofs(tx: Tx, accountId: AccountId): Promise<void> {
  await tx.deleteFrom('proofs').where('account_id', '=', accountId).execute()
}

export type DriftCounts = Readonly<Record<DriftKind, DriftCount>>

/** Counts of a row by kind. */
export function toDriftCounts(row: Readonly<Record<ProofCount, number>>): DriftCounts {
  const of = (kind: DriftKind): DriftCount => ({ found: Number(row[FOUND[kind]]), repaired: Number(row[REPAIRED[kind]]) })
  return {
    refs: of('refs'),
    'pull-requests': of('pull-requests'),
    builds: of('builds'),
    deployments: of('deployments'),
    'missing-repository': of('missing-repository'),
  }
}
