import { toRulesVersion } from '../../domain/issue-key-settings.ts'
import type { Tx } from '../../db/database.ts'
import { findListingMark, setListingMark, type ListedKind, type ListingMark } from '../../db/stores/listing-marks.ts'
import { findOldestRun } from '../../db/stores/run-rows.ts'
import { raiseLastActivity } from '../../db/stores/import-marks.ts'
import { untilRefused } from './shown-pages.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

/** How far a first import looks back: older builds and deployments say little about an issue, and an installation may have millions. */
export const FIRST_LOOK_BACK_MS = 90 * 24 * 60 * 60_000
const DELETES_PER_WRITE = 1_000

/** Builds or deployments: what differs between the two. */
export interface ChangeReader<Item extends { readonly updatedAt: Date }> {
  readonly kind: ListedKind
  /** By update time, oldest first; ends normally only when it is complete. */
  list(updatedSince: Date): AsyncIterable<readonly Item[]>
  /** Makes a page ready; what it returns stores it in a transaction. */
  prepare(page: readonly Item[], generation: number): Promise<(tx: Tx, dueAt: number) => Promise<void>>
  /** Deletes up to `limit` that carry an older generation; returns how many. */
  sweep(tx: Tx, sweep: { readonly generation: number; readonly limit: number; readonly dueAt: number }): Promise<number>
}

/**
 * Reads what changed since the last run, page by page; a page that is stored is not read again. A full synchronisation,
 * or a new rule, reads everything from the oldest stored one on beside the old data, resumable, and then sweeps what it
 * did not meet. The states are those of `ListingMark`.
 *
 * @returns whether everything there is was read in this run, and not only what changed or was left over
 */
export async function readChanges<Item extends { readonly updatedAt: Date }>(
  run: SyncRun,
  reader: ChangeReader<Item>,
): Promise<{ readonly everything: boolean }> {
  let mark = await beginListing(run, reader.kind)
  const everything = mark.since === null
  const since = mark.since ?? (await findBeginning(run, reader.kind))
  const pages = untilRefused(run, reader.list(new Date(since)))
  for await (const page of pages) {
    run.signal.throwIfAborted()
    const store = await reader.prepare(page, mark.generation)
    const newest = Math.max(mark.since ?? 0, ...page.map(({ updatedAt }) => updatedAt.getTime()))
    mark = { ...mark, since: newest }
    await writeInRun(run, async (tx, dueAt) => {
      await store(tx, dueAt)
      await raiseLastActivity(tx, run.repository.id, newest)
      await setListingMark(tx, run.repository.id, { ...mark, kind: reader.kind })
      await run.progress.save(tx)
    })
  }
  if (!mark.complete && !pages.refused) await endListing(run, reader, mark)
  return { everything }
}

/** An unfinished listing of everything goes on, so that a rate limit does not keep it from ever ending. */
async function beginListing(run: SyncRun, kind: ListedKind): Promise<ListingMark> {
  const before = await findListingMark(run.app.db.read, run.repository.id, kind)
  const sameRule = before !== null && before.rulesVersion === toRulesVersion(run.rules)
  if (sameRule && (!before.complete || !run.full)) return before
  const mark = {
    since: null,
    generation: (before?.generation ?? 0) + 1,
    rulesVersion: toRulesVersion(run.rules),
    complete: false,
  }
  await writeInRun(run, (tx) => setListingMark(tx, run.repository.id, { ...mark, kind }))
  return mark
}

/** Everything stored is proved by a listing of everything, however old it is. */
async function findBeginning({ app, repository }: SyncRun, kind: ListedKind): Promise<number> {
  const lookBack = app.clock.now().getTime() - FIRST_LOOK_BACK_MS
  return Math.min(lookBack, (await findOldestRun(app.db.read, kind, repository.id)) ?? lookBack)
}

async function endListing<Item extends { readonly updatedAt: Date }>(
  run: SyncRun,
  { kind, sweep }: ChangeReader<Item>,
  mark: ListingMark,
): Promise<void> {
  let deleted: number
  do {
    run.signal.throwIfAborted()
    deleted = await writeInRun(run, (tx, dueAt) => sweep(tx, { generation: mark.generation, limit: DELETES_PER_WRITE, dueAt }))
  } while (deleted > 0)
  await writeInRun(run, (tx) => setListingMark(tx, run.repository.id, { ...mark, complete: true, kind }))
}
