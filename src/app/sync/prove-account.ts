import type { Tx } from '../../db/database.ts'
import type { Account } from '../../domain/account.ts'
import type { DriftKind } from '../../domain/drift.ts'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import { findAccount, holdAccount } from '../../db/stores/accounts.ts'
import { confirmDrift, countProvable, listDueProofs, listSuspected, setProved, suspectDrift } from '../../db/stores/proofs.ts'
import { findRepository } from '../../db/stores/repositories.ts'
import type { HostConnection } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { compareWithHost } from './compare-with-host.ts'
import { addSyncJob } from './request-sync.ts'
import { sweepJobKey } from './sweep-account.ts'

const HOUR_MS = 60 * 60_000
/** Every repository once a day: each hour one part. */
const PARTS = 24
/** A little less than a day, so that a part that begins early still finds its repositories due. */
const PROOF_AGE_MS = 23 * HOUR_MS
/** What was proved within this time counts for the part of this hour: a job that runs again proves only the rest. */
const PART_MS = 45 * 60_000
/** A webhook arrives, is processed and its synchronisation begins well within this time. */
const SUSPICION_MS = 5 * 60_000
/** Beside everything else that the host answers. */
const COMPARED_AT_ONCE = 2
/** One repository's trouble; whatever else the host answers concerns all of them, and the round ends. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['permission-missing', 'not-found', 'unexpected-answer', 'redirect-refused'])

/**
 * The rolling proof, beside the sweeps: compares a 24th of the account's repositories with the host, those whose last
 * proof is longest ago, so that each is proved once a day: ⌈N/24⌉ listings of refs and three times as many requests, for pull
 * requests, builds and deployments, an hour. A difference is looked at again some minutes later; if it is still there and no synchronisation explains it,
 * it is drift: counted, and repaired by an ordinary synchronisation.
 */
export async function proveAccount(
  app: AppContext,
  { accountId, step }: { accountId: AccountId; step: 'compare' | 'confirm' },
  signal: AbortSignal,
): Promise<void> {
  const account = await findAccount(app.db.read, accountId)
  // Whatever waits for a person would fail for each repository.
  if (account === null || account.problem?.code === 'account-not-configured') return
  if (account.state === 'needs-sign-in') {
    if (step === 'confirm') await app.db.write('background', (tx) => planConfirmation(app, tx, accountId))
    return
  }
  const connection = await app.connections.get(accountId)
  const proof: Proof = { account, connection }
  try {
    if (step === 'compare') await comparePart(app, proof, signal)
    else await confirmSuspected(app, proof, signal)
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    // What is suspected waits for a look that comes to its end.
    if (step === 'confirm') await app.db.write('background', (tx) => planConfirmation(app, tx, accountId))
    app.log.warn(
      { account: accountId, step, error: toProblem(error), cause: error },
      'proof ended early: the host does not answer',
    )
  }
}

interface Proof {
  readonly account: Account
  readonly connection: HostConnection
}

async function comparePart(app: AppContext, proof: Proof, signal: AbortSignal): Promise<void> {
  const now = app.clock.now().getTime()
  const { all, proved } = await countProvable(app.db.read, proof.account.id, now - PART_MS)
  const limit = Math.ceil(all / PARTS) - proved
  if (limit <= 0) return
  const ids = await listDueProofs(app.db.read, proof.account.id, { before: now - PROOF_AGE_MS, limit })
  let suspected = 0
  await mapConcurrently(ids, COMPARED_AT_ONCE, async (id) => {
    signal.throwIfAborted()
    const kinds = await compare(app, { ...proof, id }, signal)
    if (kinds === null) return
    if (kinds.length > 0) suspected += 1
    await app.db.write('background', (tx) => recordComparison(app, tx, { accountId: proof.account.id, id, kinds }))
  })
  app.log.debug({ account: proof.account.id, compared: ids.length, suspected }, 'repositories proved')
}

const nowMs = (app: AppContext) => app.clock.now().getTime()

/** A suspicion comes with the look that confirms it: nothing else would take it up again. */
async function recordComparison(
  app: AppContext,
  tx: Tx,
  { accountId, id, kinds }: { accountId: AccountId; id: RepositoryId; kinds: readonly DriftKind[] },
): Promise<void> {
  if (kinds.length === 0) return setProved(tx, id, { accountId, now: nowMs(app), as: 'proved' })
  await suspectDrift(tx, id, nowMs(app))
  await planConfirmation(app, tx, accountId)
}

/** What differs; null: it could not be compared, which is recorded, so that the others have their turn. */
async function compare(
  app: AppContext,
  { account, connection, id }: Proof & { id: RepositoryId },
  signal: AbortSignal,
): Promise<DriftKind[] | null> {
  const repository = await findRepository(app.db.read, id)
  if (repository === null) return null
  try {
    return await compareWithHost(app, { repository, connection }, signal)
  } catch (error) {
    if (signal.aborted || !isConnectorError(error) || !OWN_FAILURES.has(error.code)) throw error
    app.log.info({ repositoryId: id, repository: repository.name, error: toProblem(error) }, 'repository could not be proved')
    await app.db.write('background', (tx) => setProved(tx, id, { accountId: account.id, now: nowMs(app), as: 'failed' }))
    return null
  }
}

async function planConfirmation(app: AppContext, tx: Tx, accountId: AccountId): Promise<void> {
  if (!(await holdAccount(tx, accountId))) return
  await app.jobs.add(tx, {
    name: 'prove-account',
    payload: { accountId, step: 'confirm' },
    key: proofJobKey(accountId, 'confirm'),
    runAt: new Date(nowMs(app) + SUSPICION_MS),
  })
}

async function confirmSuspected(app: AppContext, proof: Proof, signal: AbortSignal): Promise<void> {
  const { id: accountId } = proof.account
  for (const { id, explained } of await listSuspected(app.db.read, accountId, nowMs(app))) {
    signal.throwIfAborted()
    const kinds = explained ? [] : await compare(app, { ...proof, id }, signal)
    if (kinds === null) continue
    if (kinds.length > 0) await recordDrift(app, { accountId, id, kinds })
    else await app.db.write('background', (tx) => setProved(tx, id, { accountId, now: nowMs(app), as: 'proved' }))
  }
}

interface Drift {
  readonly accountId: AccountId
  readonly id: RepositoryId
  readonly kinds: readonly DriftKind[]
}

/** Counts it and asks for what repairs it: a soft synchronisation, or a sweep for a repository that is gone. */
async function recordDrift(app: AppContext, { accountId, id, kinds }: Drift): Promise<void> {
  const confirmed = await app.db.write('background', async (tx) => {
    if (!(await confirmDrift(tx, id, { accountId, kinds, now: nowMs(app) }))) {
      await setProved(tx, id, { accountId, now: nowMs(app), as: 'proved' })
      return false
    }
    if (!kinds.includes('missing-repository')) await addSyncJob(app, tx, { repositoryId: id, mode: 'soft', trigger: 'proof' })
    else await app.jobs.add(tx, { name: 'sweep-account', payload: { accountId, trigger: 'proof' }, key: sweepJobKey(accountId) })
    return true
  })
  if (!confirmed) return
  const repository: Repository | null = await findRepository(app.db.read, id)
  app.log.warn({ account: accountId, repositoryId: id, repository: repository?.name, drift: kinds }, 'drift found')
}

/** Plans the part of the next hour; one that is planned already stays. */
export async function planNextProof(app: AppContext, accountId: AccountId, random: () => number): Promise<void> {
  if (app.settings.sweepIntervalMs === null) return
  const at = nowMs(app) + Math.round(HOUR_MS * (0.95 + 0.1 * random()))
  await app.db.write('background', async (tx) => {
    if (!(await holdAccount(tx, accountId))) return
    await app.jobs.add(tx, {
      name: 'prove-account',
      payload: { accountId, step: 'compare' },
      key: proofJobKey(accountId, 'compare'),
      runAt: new Date(at),
    })
  })
}

export const proofJobKey = (accountId: AccountId, step: 'compare' | 'confirm'): string => `prove:${step}:${accountId}`
