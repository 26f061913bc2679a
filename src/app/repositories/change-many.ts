import type { Asker } from '../../domain/asker.ts'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Problem } from '../../domain/problem.ts'
import type { SyncMode } from '../../domain/repository.ts'
import type { Tx } from '../../db/database.ts'
import { recheckRepositoryIssues } from '../../db/stores/issue-rechecks.ts'
import { markRelinked } from '../../db/stores/relinked.ts'
import type { RepositoryFilter } from '../../db/stores/repositories.ts'
import {
  forgetLeftOut,
  listBulkRows,
  listMatchingIds,
  markIssuesOfDirty,
  setSettingsOf,
  type BulkRow,
} from '../../db/stores/repository-bulk.ts'
import { cancelWaitingSync } from '../../db/stores/sync-state.ts'
import type { AppContext } from '../app-context.ts'
import { addSyncJob, syncJobKey } from '../sync/request-sync.ts'
import { sweepJobKey } from '../sync/sweep-account.ts'
import { writeChanges } from '../sync/sync-run.ts'

export interface BulkChange {
  /** Ids, or all that match. */
  readonly which: readonly string[] | RepositoryFilter
  readonly linked?: boolean
  readonly smartCommits?: boolean
  readonly sync?: SyncMode
  readonly askedBy: Asker | null
}

export interface BulkResult {
  readonly matched: number
  readonly changed: number
  readonly queued: number
  readonly failed: readonly { readonly id: string; readonly problem: Problem }[]
}

/** Few enough that webhooks do not wait for such a transaction. */
const PER_WRITE = 200

interface Totals {
  changed: number
  queued: number
  readonly failed: { id: string; problem: Problem }[]
  /** Accounts whose webhooks have to follow. */
  readonly accounts: Set<AccountId>
}

/**
 * Changes many repositories in bounded transactions. Linking starts synchronisations, unlinking ends them; webhooks are
 * brought into line by a sweep of each account, not here.
 */
export async function changeManyRepositories(app: AppContext, change: BulkChange): Promise<BulkResult> {
  const totals: Totals = { changed: 0, queued: 0, failed: [], accounts: new Set() }
  const ids = isIds(change.which) ? toNumbers(change.which, totals) : await listMatchingIds(app.db.read, change.which)
  let matched = 0
  for (let start = 0; start < ids.length; start += PER_WRITE) {
    const asked = ids.slice(start, start + PER_WRITE)
    const rows = await writeChanges(app, (tx, dueAt) => changeSome(app, tx, { change, ids: asked, totals, dueAt }))
    matched += rows.length
    const found = new Set(rows.map(({ id }) => Number(id)))
    for (const id of asked) if (!found.has(id)) totals.failed.push({ id: String(id), problem: notFound(String(id)) })
  }
  await followWithWebhooks(app, totals.accounts)
  return { matched, changed: totals.changed, queued: totals.queued, failed: totals.failed }
}

const isIds = (which: BulkChange['which']): which is readonly string[] => Array.isArray(which)

function toNumbers(ids: readonly string[], { failed }: Totals): number[] {
  const numbers = new Set<number>()
  for (const id of new Set(ids)) {
    if (/^[1-9][0-9]{0,14}$/.test(id)) numbers.add(Number(id))
    else failed.push({ id, problem: notFound(id) })
  }
  return [...numbers].sort((a, b) => a - b)
}

interface Some {
  readonly change: BulkChange
  readonly ids: readonly number[]
  readonly totals: Totals
  readonly dueAt: number
}

async function changeSome(app: AppContext, tx: Tx, { change, ids, totals, dueAt }: Some): Promise<readonly BulkRow[]> {
  const { linked, smartCommits, sync, askedBy } = change
  const rows = await listBulkRows(tx, ids)
  const toggled = rows.filter((row) => linked !== undefined && row.linked !== linked)
  const changed = rows.filter((row) => toggled.includes(row) || (smartCommits !== undefined && row.smartCommits !== smartCommits))
  const settings = {
    ...(linked === undefined ? {} : { linked }),
    ...(smartCommits === undefined ? {} : { smartCommits }),
  }
  await setSettingsOf(tx, idsOf(changed), settings)
  if (linked !== undefined) await forgetLeftOut(tx, idsOf(rows))
  if (linked === true) await markRelinked(tx, idsOf(toggled))
  await markIssuesOfDirty(tx, idsOf(toggled), dueAt)
  totals.changed += changed.length
  for (const { accountId } of toggled) totals.accounts.add(accountId)
  if (linked === false) for (const row of toggled) await endSync(app, tx, row)
  const wanted = linked ?? null
  for (const row of rows) {
    const isLinked = wanted ?? row.linked
    const mode = sync ?? (linked === true && toggled.includes(row) ? 'soft' : null)
    if (mode === null) continue
    if (!isLinked) {
      totals.failed.push({ id: row.id, problem: notLinked(row.name) })
      continue
    }
    const trigger = sync === undefined ? 'link' : 'manual'
    await addSyncJob(app, tx, { repositoryId: row.id, mode, trigger, ...(askedBy === null ? {} : { askedBy }) })
    if (mode === 'full') await recheckRepositoryIssues(tx, row.id, dueAt)
    totals.queued += 1
  }
  return rows
}

const idsOf = (rows: readonly BulkRow[]): RepositoryId[] => rows.map(({ id }) => id)

async function endSync(app: AppContext, tx: Tx, { id, state }: BulkRow): Promise<void> {
  if (state === 'idle') return
  await cancelWaitingSync(tx, id)
  await app.jobs.cancel(tx, syncJobKey(id))
}

/** A sweep that a person asks for looks at every webhook of its account. */
async function followWithWebhooks(app: AppContext, accounts: ReadonlySet<AccountId>): Promise<void> {
  if (accounts.size === 0) return
  await app.db.write('interactive', async (tx) => {
    for (const accountId of [...accounts].sort()) {
      const payload = { accountId, trigger: 'manual' }
      await app.jobs.add(tx, { name: 'sweep-account', payload, key: sweepJobKey(accountId) })
    }
  })
}

function notFound(id: string): Problem {
  return { code: 'repository-not-found', message: `There is no repository ${id}.`, remedy: null }
}

function notLinked(name: string): Problem {
  return { code: 'repository-not-linked', message: `${name} is not linked.`, remedy: 'Link it first.' }
}
