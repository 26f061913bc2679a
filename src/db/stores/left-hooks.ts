import type { AccountId, HostId } from '../../domain/ids.ts'
import type { Reader, Tx } from '../database.ts'

/** A hook of ours that nobody wants any more and that the host did not let go; its repository may be none of ours by now. */
export interface LeftHook {
  readonly hostId: HostId
  readonly path: string
  readonly webUrl: string
  /** Address with which it was last installed; null: none is known. */
  readonly url: string | null
  /** Why it was not removed, in words. */
  readonly reason: string
  /** How often its removal was refused. */
  readonly attempts: number
  /** When it is tried again, in ms. */
  readonly nextAt: number
}

/** Between the first two tries; twice as long after each, up to a day. */
const FIRST_PAUSE_MS = 5 * 60_000
const LONGEST_PAUSE_MS = 24 * 60 * 60_000

const COLUMNS = ['host_id', 'path', 'web_url', 'hook_url', 'reason', 'attempts', 'next_at'] as const

interface Row {
  readonly host_id: string
  readonly path: string
  readonly web_url: string
  readonly hook_url: string | null
  readonly reason: string
  readonly attempts: number
  readonly next_at: number
}

/** null: none is left there, as far as it is known. */
export async function findLeftHook(db: Reader, id: AccountId, hostId: HostId): Promise<LeftHook | null> {
  const row = await db
    .selectFrom('left_hooks')
    .select(COLUMNS)
    .where('account_id', '=', id)
    .where('host_id', '=', hostId)
    .executeTakeFirst()
  return row === undefined ? null : toLeftHook(row)
}

/** Those that are tried next come first. */
export async function listLeftHooks(
  db: Reader,
  id: AccountId,
  { dueBy, limit }: { readonly dueBy?: number; readonly limit: number },
): Promise<LeftHook[]> {
  let select = db.selectFrom('left_hooks').select(COLUMNS).where('account_id', '=', id)
  if (dueBy !== undefined) select = select.where('next_at', '<=', dueBy)
  return (await select.orderBy('next_at').orderBy('host_id').limit(limit).execute()).map(toLeftHook)
}

/** The host refused once more to remove it. */
export async function noteLeftHook(
  tx: Tx,
  id: AccountId,
  { hook, now }: { readonly hook: Omit<LeftHook, 'attempts' | 'nextAt'>; readonly now: number },
): Promise<void> {
  const attempts = ((await findLeftHook(tx, id, hook.hostId))?.attempts ?? 0) + 1
  // Bounded before it is shifted: attempts go on for years.
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10))
  const columns = {
    path: hook.path,
    web_url: hook.webUrl,
    hook_url: hook.url,
    reason: hook.reason,
    attempts,
    next_at: now + pauseMs,
  }
  await tx
    .insertInto('left_hooks')
    .values({ account_id: id, host_id: hook.hostId, ...columns })
    .onConflict((conflict) => conflict.columns(['account_id', 'host_id']).doUpdateSet(columns))
    .execute()
}

/** It is gone, or wanted again. */
export async function forgetLeftHook(tx: Tx, id: AccountId, hostId: HostId): Promise<void> {
  await tx.deleteFrom('left_hooks').where('account_id', '=', id).where('host_id', '=', hostId).execute()
}

function toLeftHook(row: Row): LeftHook {
  const { path, reason, attempts } = row
  return { hostId: row.host_id as HostId, path, webUrl: row.web_url, url: row.hook_url, reason, attempts, nextAt: row.next_at }
}
