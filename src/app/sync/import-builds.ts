import type { Sha } from '../../domain/ids.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import { findBuiltShas, saveBuilds, sweepBuilds, type KeyedBuild } from '../../db/stores/builds.ts'
import { findListingMark } from '../../db/stores/listing-marks.ts'
import type { HostBuild } from '../../hosts/types.ts'
import { readChanges } from './read-changes.ts'
import { createRunKeyFinder } from './run-keys.ts'
import { writeInRun, type SyncRun } from './sync-run.ts'

export const MAX_RUN_TEXT_BYTES = 4 * 1024

/** A pull request that changed in this run; what it names may concern builds that ran before it did. */
export interface ChangedPullRequest {
  readonly headSha: Sha
  readonly named: boolean
}

/** Reads the builds that changed since the last run, and those of the heads of pull requests that did. */
export async function importBuilds(run: SyncRun, changed: readonly ChangedPullRequest[]): Promise<void> {
  const before = await findListingMark(run.app.db.read, run.repository.id, 'builds')
  await readChanges<HostBuild>(run, {
    kind: 'builds',
    list: (updatedSince) => run.connection.listBuilds({ repository: toRef(run), updatedSince, signal: run.signal }),
    async prepare(page, generation) {
      const runs = await toKeyedBuilds(run, page)
      return (tx, dueAt) => saveBuilds(tx, { repositoryId: run.repository.id, generation, runs, dueAt })
    },
    sweep: (tx, sweep) => sweepBuilds(tx, run.repository.id, sweep),
  })
  // Where no build was ever met, or everything was just read after the pull requests, there is nothing to look up.
  if (before?.since === undefined || before.since === null || !before.complete || run.full) return
  await readBuildsOfHeads(run, changed, before.generation)
}

/** Those without keys count only where a build is stored that they may have named before. */
async function readBuildsOfHeads(run: SyncRun, changed: readonly ChangedPullRequest[], generation: number): Promise<void> {
  const unnamed = changed.filter(({ named }) => !named).map(({ headSha }) => headSha)
  const built = await findBuiltShas(run.app.db.read, run.repository.id, unnamed)
  const heads = new Set(changed.filter(({ headSha, named }) => named || built.has(headSha)).map(({ headSha }) => headSha))
  for (const head of heads) {
    const page = await run.connection.listBuildsOf(toRef(run), head, run.signal)
    const runs = await toKeyedBuilds(run, page)
    await writeInRun(run, (tx, dueAt) => saveBuilds(tx, { repositoryId: run.repository.id, generation, runs, dueAt }))
  }
}

async function toKeyedBuilds(run: SyncRun, page: readonly HostBuild[]): Promise<KeyedBuild[]> {
  const finder = await createRunKeyFinder(run.app, run.repository, page)
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

export function toRef({ repository }: SyncRun) {
  return { hostId: repository.hostId, path: repository.name, webUrl: repository.url }
}
