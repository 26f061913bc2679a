import { isSignInProblem, type Account } from '../../domain/account.ts'
import type { Asker } from '../../domain/asker.ts'
import type { AccountId, HostId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import { findAccount, holdAccount, setAccountState, setNextSweep, setSwept } from '../../db/stores/accounts.ts'
import { repairMissing } from '../../db/stores/proofs.ts'
import {
  findRepositoryByHostId,
  listKnownRepositories,
  markMissing,
  renewMissing,
  saveListedRepository,
  type KnownRepository,
  type ListedRepository,
} from '../../db/stores/repositories.ts'
import { findWebhookGaps } from '../../db/stores/webhook-gaps.ts'
import type { HostConnection, HostOwner, HostRepository } from '../../hosts/types.ts'
import { MAX_RANK } from '../../jobs/job-queue.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { findOwner, toResolvedOwner } from '../accounts/find-owner.ts'
import { isIncluded } from '../accounts/included.ts'
import { recordHealth } from '../credentials/account-health.ts'
import { removeRepository } from '../repositories/remove-repository.ts'
import { reconcileWebhook } from '../webhooks/reconcile-webhook.ts'
import { beginWebhookRound } from '../webhooks/renew-webhooks.ts'
import { applyFilter } from './leave-out.ts'
import { isToldOfRuns, lookForRuns, mayRun, wasActiveLately } from './look-for-runs.ts'
import { addSyncJob } from './request-sync.ts'

/** GitLab moves a project's activity stamp at most once an hour, so what changed within it may still carry the old one. */
const STAMP_GRANULARITY_MS = 60 * 60_000
/** Clocks of the host and of this machine may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000
/** A repository that a complete listing lacks keeps its data for this long; the host is asked for it by id before it goes. */
const MISSING_GRACE_MS = 24 * 60 * 60_000
/** The host may be back soon. */
const AFTER_FAILURE_MS = 5 * 60_000
/** Further questions by id per sweep: the rest waits for the next one. */
const MISSING_CHECKS = 20

export interface SweepResult {
  readonly total: number
  readonly linked: number
  /** Repositories for which a synchronisation was asked. */
  readonly requested: number
}

export interface SweepRequest {
  readonly accountId: AccountId
  readonly trigger: string
  readonly askedBy?: Asker
  /** Asks for synchronisations of these alone; default: of all that may have changed. */
  readonly only?: (path: string) => boolean
}

/**
 * Lists the account's repositories again, links new ones, and asks for a soft synchronisation of those that may have
 * changed since the last complete sweep. A listing that breaks off changes nothing but what it listed.
 */
export async function sweepAccount(app: AppContext, request: SweepRequest, signal: AbortSignal): Promise<SweepResult> {
  const account = await findAccount(app.db.read, request.accountId)
  if (account === null) return { total: 0, linked: 0, requested: 0 }
  try {
    const connection = await app.connections.get(account.id)
    const result = await sweep(app, { account, connection, request }, signal)
    await app.db.write('background', (tx) => recordHealth(app, tx, { account, skewMs: connection.clockSkewMs() }))
    app.log.info({ account: account.id, ...result }, 'account swept')
    return result
  } catch (error) {
    if (signal.aborted) throw error
    const problem = toProblem(error)
    const state = isSignInProblem(problem) ? 'needs-sign-in' : 'degraded'
    app.log.warn({ account: account.id, error: problem, cause: error }, 'account could not be swept')
    await app.db.write('background', (tx) => setAccountState(tx, account.id, state, problem))
    throw error
  }
}

interface Sweep {
  readonly account: Account
  readonly connection: HostConnection
  readonly request: SweepRequest
}

async function sweep(app: AppContext, { account, connection, request }: Sweep, signal: AbortSignal): Promise<SweepResult> {
  const beganAt = app.clock.now().getTime()
  const owner = await findOwner(app, { account, connection }, signal)
  const ownerPath = toResolvedOwner(owner)?.path ?? null
  const seen = new Set<HostId>()
  const result = { total: 0, linked: 0, requested: 0 }
  const hooks = await beginWebhookRound(app, { account, connection, owner, asked: request.trigger === 'manual' }, signal)
  const gaps = await findWebhookGaps(app.db.read, account.id)
  const known = new Map(
    (await listKnownRepositories(app.db.read, account.id)).map((repository) => [repository.hostId, repository]),
  )
  for await (const page of connection.listRepositories(owner, signal)) {
    for (const repository of page) seen.add(repository.hostId)
    await applyFilter(app, { account, page, known, ownerPath })
    const listed = page.filter((repository) => isIncluded(account, repository.path, ownerPath) && !repository.deletionScheduled)
    result.total += listed.length
    const requested = await savePage(app, { account, listed, known, request, wokenAt: gaps.wokenAt })
    result.requested += requested
    const isLinked = (hostId: HostId) => known.get(hostId)?.linked ?? account.autoLink
    result.linked += listed.filter(({ hostId }) => isLinked(hostId)).length
    // Those too that the filter left out, whose hooks go.
    const withHooks = page.filter((repository) => listed.includes(repository) || known.has(repository.hostId))
    const listedHooks = withHooks.map(({ hostId }) => ({ hostId, linked: isLinked(hostId), known: known.get(hostId) }))
    await hooks.renew(listedHooks, signal)
  }
  await hooks.finish([...known.values()], signal)
  const missing = [...known.values()].filter(({ hostId }) => !seen.has(hostId))
  await handleMissing(app, { account, connection, owner, missing, now: beganAt }, signal)
  // A sweep that asked for some only proves nothing about the others.
  if (request.only !== undefined) return result
  await app.db.write('background', (tx) => setSwept(tx, account.id, beganAt))
  result.requested += await lookForRuns(app, { account, connection, known: [...known.values()], gaps }, signal)
  return result
}

interface ListedPage {
  readonly account: Account
  readonly listed: readonly ListedRepository[]
  readonly known: ReadonlyMap<HostId, KnownRepository>
  readonly request: SweepRequest
  /** When the account's one hook was called again after a while; null: never. */
  readonly wokenAt: number | null
}

/** Stores a page in one transaction and asks for synchronisations; returns for how many; newest activity first. */
async function savePage(app: AppContext, { account, listed, known, request, wokenAt }: ListedPage): Promise<number> {
  return app.db.write('background', async (tx) => {
    let requested = 0
    // Deleted meanwhile: the listing goes on to its end and stores nothing.
    if (!(await holdAccount(tx, account.id))) return requested
    const now = app.clock.now().getTime()
    for (const repository of listed.toSorted((a, b) => (b.lastActivityAt?.getTime() ?? 0) - (a.lastActivityAt?.getTime() ?? 0))) {
      const before = known.get(repository.hostId)
      await saveListedRepository(tx, repository, {
        accountId: account.id,
        linked: account.autoLink,
        smartCommits: account.smartCommits,
      })
      const linked = before?.linked ?? account.autoLink
      if (!linked || request.only?.(repository.path) === false || !isDue(account, repository, { before, now, wokenAt })) continue
      const stored = await findRepositoryByHostId(tx, account.id, repository.hostId)
      if (stored === null) continue
      const isNew = before === undefined || before.neverSynced
      await addSyncJob(app, tx, {
        repositoryId: stored.id,
        mode: 'soft',
        trigger: request.trigger,
        ...(request.askedBy === undefined ? {} : { askedBy: request.askedBy }),
        priority: isNew ? 'first-import' : 'scheduled',
        ...(isNew ? { rank: idleHours(repository, app.clock.now().getTime()) } : {}),
      })
      requested += 1
    }
    return requested
  })
}

/** Newest activity first among first imports: the listing comes in another order, page by page. */
function idleHours({ lastActivityAt }: ListedRepository, now: number): number {
  return lastActivityAt === null ? MAX_RANK : (now - lastActivityAt.getTime()) / 3_600_000
}

function isDue(
  account: Account,
  listed: ListedRepository,
  { before, now, wokenAt }: { before: KnownRepository | undefined; now: number; wokenAt: number | null },
): boolean {
  if (mayHaveChanged(account, listed, before)) return true
  if (before === undefined) return false
  // Not every change moves the stamp: what the hook would have told is read where anything may have happened.
  if (wokenAt !== null && (before.syncStartedAt ?? 0) < wokenAt && wasActiveLately(before, now)) return true
  // Builds and deployments move no stamp; where webhooks tell of them `lookForRuns` is the net.
  return !isToldOfRuns(account, before) && mayRun(before, now)
}

function mayHaveChanged(account: Account, listed: ListedRepository, before: KnownRepository | undefined): boolean {
  if (before === undefined || before.neverSynced || before.missingSince !== null || before.failing) return true
  if (account.sweptAt === null || listed.lastActivityAt === null) return true
  // Switching a feature does not move the stamp.
  if (before.gitEnabled !== listed.gitEnabled || before.pullRequestsEnabled !== listed.pullRequestsEnabled) return true
  if (before.hostActivityAt !== listed.lastActivityAt.getTime()) return true
  return listed.lastActivityAt.getTime() >= account.sweptAt.getTime() - STAMP_GRANULARITY_MS - CLOCK_SKEW_MS
}

interface Missing {
  readonly account: Account
  readonly connection: HostConnection
  readonly owner: HostOwner
  readonly missing: readonly KnownRepository[]
  readonly now: number
}

/**
 * What a complete listing lacks: first marked, and after a day, when the host does not know it by id either or has it at
 * another owner, removed. One that is still there waits another day, so that the others have their turn.
 */
async function handleMissing(
  app: AppContext,
  { account, connection, owner, missing, now }: Missing,
  signal: AbortSignal,
): Promise<void> {
  await app.db.write('background', async (tx) => {
    for (const repository of missing) await markMissing(tx, repository.id, now)
    await repairMissing(tx, account.id, now)
  })
  const overdue = missing.filter(({ missingSince }) => missingSince !== null && now - missingSince >= MISSING_GRACE_MS)
  for (const repository of overdue.slice(0, MISSING_CHECKS)) {
    const found = await findOrRefused(connection, repository.hostId, signal)
    if (found === 'refused' || (found !== null && !(await isElsewhere({ connection, owner }, found.path, signal)))) {
      await app.db.write('background', (tx) => renewMissing(tx, repository.id, now))
      continue
    }
    // Of another owner now: its webhooks are none of ours. What cannot be removed stays, what may pass waits for the next sweep.
    const end =
      found === null ? 'settled' : await reconcileWebhook(app, { account, hostId: repository.hostId, leaving: true }, signal)
    if (end === 'limited') continue
    app.log.info(
      { repositoryId: repository.id, repository: repository.name, movedTo: found?.path },
      'repository is gone from the account: removed',
    )
    await removeRepository(app, repository.id, signal)
  }
}

/** A repository that the token may not read is there: no reason to remove it, nor to give up the sweep. */
async function findOrRefused(
  connection: HostConnection,
  hostId: HostId,
  signal: AbortSignal,
): Promise<HostRepository | 'refused' | null> {
  try {
    return await connection.findRepository(hostId, signal)
  } catch (error) {
    if (isConnectorError(error, 'permission-missing')) return 'refused'
    throw error
  }
}

/** Transferred out of the group, or of the user's own projects; and not because the owner was renamed during the sweep. */
async function isElsewhere(
  { connection, owner }: Pick<Missing, 'connection' | 'owner'>,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const known = toResolvedOwner(owner)
  return known !== null && !isBelow(owner, path) && !isBelow(await connection.getOwner(known, signal), path)
}

function isBelow({ name }: HostOwner, path: string): boolean {
  return path.toLowerCase().startsWith(`${name.toLowerCase()}/`)
}

/**
 * Plans the next scheduled sweep, spread by a tenth so that accounts do not all knock at once; sooner after a passing
 * failure.
 *
 * @param failure what the last sweep failed with; null: nothing
 */
export async function planNextSweep(
  app: AppContext,
  accountId: AccountId,
  { random, failure }: { random: () => number; failure: unknown },
): Promise<void> {
  const { sweepIntervalMs } = app.settings
  if (sweepIntervalMs === null) return
  const lasting = failure === null || (isConnectorError(failure) && !failure.retryable)
  const wait = lasting ? sweepIntervalMs : Math.min(sweepIntervalMs, AFTER_FAILURE_MS)
  const named = isConnectorError(failure) ? (failure.retryAt?.getTime() ?? 0) : 0
  const at = Math.max(named, app.clock.now().getTime() + Math.round(wait * (0.95 + 0.1 * random())))
  await app.db.write('background', async (tx) => {
    if (!(await holdAccount(tx, accountId))) return
    await setNextSweep(tx, accountId, at)
    await app.jobs.add(tx, {
      name: 'sweep-account',
      payload: { accountId, trigger: 'schedule' },
      key: sweepJobKey(accountId),
      runAt: new Date(at),
    })
  })
}

export const sweepJobKey = (accountId: AccountId): string => `sweep:${accountId}`
