import type { Sha } from '../../domain/ids.ts'
import { beginHistory } from '../../db/stores/import-marks.ts'
import { waitForLargePack } from '../../git/arriving-pack.ts'
import type { Mirror } from '../../git/mirror.ts'
import type { ObjectFormat } from '../../git/protocol.ts'
import { readArrivingCommits, type ArrivingCommits } from './arriving-commits.ts'
import { FIRST_GENERATION, saveBatch, storeCommits } from './import-commits.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

export interface FirstFetch {
  /** Holds nothing yet. */
  readonly mirror: Mirror
  readonly objectFormat: ObjectFormat
  /** Fetches the branches into it, commits only. */
  readonly fetch: (signal: AbortSignal) => Promise<void>
}

/** Starting a thread takes 0.1 s of computing; `git log` reads the thousand commits of so many bytes in less. */
const WORTH_A_THREAD = 512 * 1024

const FIRST = { generation: FIRST_GENERATION, rekey: false }

/**
 * Fetches a first history and, where it is not small, stores it meanwhile.
 *
 * @returns whether every commit of the branches was stored; if not, the history is to be read as any other
 */
export async function fetchFirst(run: SyncRun, { mirror, objectFormat, fetch }: FirstFetch): Promise<boolean> {
  const stop = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal])
  let ended = false
  const fetched = fetch(signal).finally(() => {
    ended = true
  })
  fetched.catch((error: unknown) => stop.abort(error))
  let isLarge = false
  try {
    isLarge = await waitForLargePack(mirror.folder, { bytes: WORTH_A_THREAD, ended: () => ended, signal })
  } finally {
    // Nobody else may come to the mirror before git has left it.
    if (!isLarge) await fetched
  }
  if (!isLarge) return false
  const destination = { ...FIRST, repositoryId: run.repository.id, syncId: run.entry }
  const arriving = readArrivingCommits({ folder: mirror.folder, objectFormat, rules: run.rules, destination })
  const fetching = fetched.then(() => arriving.gitEnded())
  const storing = storeArriving(run, arriving)
  // Whichever fails ends the other; the fetch then fails with the reason that the storing had.
  storing.catch((error: unknown) => stop.abort(error))
  fetching.catch(() => arriving.close())
  await Promise.allSettled([fetching, storing])
  await arriving.close()
  await fetching
  const unusual = await storing
  if (unusual === null) return false
  const rest = storeCommits(run, FIRST)
  for await (const commits of mirror.readNamed({ shas: unusual, signal: run.signal })) await rest.take(commits)
  await rest.end()
  return true
}

/** Stores what arrives; resolves to the commits of which git has to tell, or null when not all could be read. */
async function storeArriving(run: SyncRun, arriving: ArrivingCommits): Promise<Sha[] | null> {
  const unusual: Sha[] = []
  let saving: Promise<void> = Promise.resolve()
  let begun = false
  const ask = () => arriving.next({ short: run.app.db.isContended() })
  let asked = ask()
  for (;;) {
    const batch = await asked
    // A fetch that was refused is no beginning: only what arrives is.
    if (!begun) await writeInRun(run, (tx) => beginHistory(tx, run.repository.id, FIRST_GENERATION))
    begun = true
    await saving
    if (batch === null) return unusual
    if (batch === 'unreadable') return null
    // The next batch is read while this one is stored. Rejections are met above.
    asked = ask()
    asked.catch(() => undefined)
    run.progress.counts.commits += batch.commits
    for (const { keys } of batch.prepared.marks) run.progress.noteIssues(keys)
    unusual.push(...batch.unusual)
    saving = saveBatch(run, batch.prepared)
    saving.catch(() => undefined)
  }
}
