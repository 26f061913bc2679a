import type { Sha } from '../../domain/ids.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import { deleteBuildHeads, listBuildHeads } from '../../db/stores/build-heads.ts'
import { saveBuilds, sweepBuilds, type KeyedBuild } from '../../db/stores/builds.ts'
import type { RunBatch } from '../../db/stores/run-rows.ts'
import type { Tx } from '../../db/database.ts'
import { findListingMark } from '../../db/stores/listing-marks.ts'
import type { HostBuild } from '../../hosts/types.ts'
import { toBuildEvents } from '../triggers/found-events.ts'
import { readChanges } from './read-changes.ts'
import { createRunKeyFinder } from './run-keys.ts'
import { toRef, writeInRun, type SyncRun } from './sync-run.ts'

export const MAX_RUN_TEXT_BYTES = 4 * 1024

/** Reads the builds that changed since the last run, and those of the heads of pull requests that did. */
export async function importBuilds(run: SyncRun): Promise<void> {
  const { everything } = await readChanges<HostBuild>(run, {
    kind: 'builds',
    list: (updatedSince) => run.connection.listBuilds({ repository: toRef(run), updatedSince, signal: run.signal }),
    async prepare(page, generation) {
      const runs = await toKeyedBuilds(run, page)
      return (tx, dueAt) => saveWithEvents(run, tx, { generation, runs, dueAt })
    },
    sweep: (tx, sweep) => sweepBuilds(tx, run.repository.id, sweep),
  })
  const heads = await listBuildHeads(run.app.db.read, run.repository.id)
  if (heads.length === 0) return
  // Where no build was ever met, or all were just read after the pull requests, there is nothing to look up.
  if (everything) await writeInRun(run, (tx) => deleteBuildHeads(tx, run.repository.id))
  else await readBuildsOfHeads(run, heads)
}

async function readBuildsOfHeads(run: SyncRun, heads: readonly Sha[]): Promise<void> {
  const repositoryId = run.repository.id
  const generation = (await findListingMark(run.app.db.read, repositoryId, 'builds'))?.generation ?? 0
  for (const head of heads) {
    const page = await run.connection.listBuildsOf(toRef(run), head, run.signal)
    const runs = await toKeyedBuilds(run, page)
    await writeInRun(run, async (tx, dueAt) => {
      await saveWithEvents(run, tx, { generation, runs, dueAt })
      await deleteBuildHeads(tx, repositoryId, head)
    })
  }
}

async function saveWithEvents(run: SyncRun, tx: Tx, batch: Omit<RunBatch<KeyedBuild>, 'repositoryId'>): Promise<void> {
  const saved = await saveBuilds(tx, { ...batch, repositoryId: run.repository.id })
  await run.events.record(tx, (since) => toBuildEvents(saved, since))
}

async function toKeyedBuilds(run: SyncRun, page: readonly HostBuild[]): Promise<KeyedBuild[]> {
  const finder = await createRunKeyFinder(run, page)
  return page.map((build) => {
    const keys = finder.keysOf(build)
    run.progress.noteIssues(keys)
    const { id, number, state, sha, createdAt, updatedAt, finishedAt } = build
    return {
      id,
      number,
      state,
      sha,
      createdAt,
      updatedAt,
      finishedAt,
      keys,
      ref: text(finder.branchOf(build)),
      url: text(build.url),
    }
  })
}

const text = (value: string) => toStorableText(value, { maxBytes: MAX_RUN_TEXT_BYTES })
