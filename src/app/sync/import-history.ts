import type { Sha } from '../../domain/ids.ts'
import { findBranchKeys, toRulesVersion } from '../../domain/issue-key-settings.ts'
import { listBranches, listKeptHeads, replaceBranches, replaceKeptHeads, type StoredBranch } from '../../db/stores/branches.ts'
import { listPullRequestHeads } from '../../db/stores/pull-requests.ts'
import { beginHistory, endHistory, raiseLastActivity } from '../../db/stores/import-marks.ts'
import { toBranchEvents } from '../triggers/found-events.ts'
import type { HistorySource } from './history-source.ts'
import { importCommits, removeLostCommits, removeUnmetCommits } from './import-commits.ts'
import { toRef, writeInRun, type SyncRun } from './sync-run.ts'

/** What is stored when a run begins, and how the new history is compared with it. */
export interface HistoryPlan {
  readonly storedBranches: readonly StoredBranch[]
  readonly keptHeads: ReadonlyMap<number, Sha>
  /** Everything is read again beside the old data and what was not met is swept; else only the difference of the tips. */
  readonly whole: boolean
  readonly rekey: boolean
  readonly generation: number
}

/** The stored tips count only if the last import ended, under today's rule. */
function isTrusted({ repository, full, rules }: SyncRun): boolean {
  return !full && repository.historyComplete && repository.rulesVersion === toRulesVersion(rules)
}

export async function planHistory(run: SyncRun, history: HistorySource): Promise<HistoryPlan> {
  const { db } = run.app
  const storedBranches = await listBranches(db.read, run.repository.id)
  const keptHeads = await listKeptHeads(db.read, run.repository.id)
  const tips = [...storedBranches.map(({ head }) => head), ...keptHeads.values()]
  // A mirror that was thrown away may lack old tips that were force-pushed meanwhile: then nothing can be subtracted.
  const whole = !isTrusted(run) || (!history.unchanged && (await history.findKnown(tips)).size < new Set(tips).size)
  const generation = run.repository.generation + (whole ? 1 : 0)
  return { storedBranches, keptHeads, whole, rekey: run.repository.rulesVersion !== toRulesVersion(run.rules), generation }
}

/** Stores the commits that are new on the branches. */
export async function importNewCommits(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<void> {
  if (history.unchanged && !plan.whole) return
  run.progress.step('history')
  await writeInRun(run, (tx) => beginHistory(tx, run.repository.id, plan.generation))
  if (history.wasTaken) return
  // What a first fetch could not read to its end is read again from the beginning.
  run.progress.counts.commits = 0
  const exclude = plan.whole ? [] : [...plan.storedBranches.map(({ head }) => head), ...plan.keptHeads.values()]
  await importCommits(run, { history, range: { include: 'all', exclude }, generation: plan.generation, rekey: plan.rekey })
}

/**
 * After commits and pull requests: keeps the heads of pull requests with keys that no branch reaches, removes what
 * nothing holds any more, and makes the new branches the tips from which the next run counts.
 */
export async function finishHistory(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<void> {
  const branchHeads = history.branches.map(({ head }) => head)
  const kept = await keepPullRequestHeads(run, history, plan)
  const now = [...branchHeads, ...kept.values()]
  if (plan.whole) await removeUnmetCommits(run, plan.generation)
  else
    await removeLostCommits(run, history, {
      before: [...plan.storedBranches.map(({ head }) => head), ...plan.keptHeads.values()],
      now,
    })

  run.progress.step('finishing')
  run.progress.counts.branches = history.branches.length
  const branches = history.branches.map((branch) => ({
    ...branch,
    keys: findBranchKeys(branch.name, run.rules),
  }))
  for (const branch of branches) run.progress.noteIssues(branch.keys)
  await writeInRun(run, async (tx, dueAt) => {
    const created = await replaceBranches(tx, run.repository.id, { branches, dueAt })
    await run.events.record(tx, () =>
      toBranchEvents(created, { now: run.app.clock.now(), urlOf: (name) => run.connection.links.branch(toRef(run), name) }),
    )
    await replaceKeptHeads(tx, run.repository.id, kept)
    const foundEmpty = branches.length === 0 && run.repository.empty && run.repository.gitEnabled
    await endHistory(tx, run.repository.id, { rulesVersion: toRulesVersion(run.rules), syncId: run.entry, foundEmpty })
    await raiseLastActivity(tx, run.repository.id, Math.max(0, ...branches.map(({ headAt }) => headAt)))
    await run.progress.save(tx)
  })
  await history.pruneHeads(kept)
  await history.maintain(run.signal)
}

/** Heads of stored pull requests (those with keys) that no branch reaches: fetched, their commits stored. */
async function keepPullRequestHeads(run: SyncRun, history: HistorySource, plan: HistoryPlan): Promise<ReadonlyMap<number, Sha>> {
  const heads = await listPullRequestHeads(run.app.db.read, run.repository.id)
  const branchHeads = history.branches.map(({ head }) => head)
  const unreachable = await findUnreachable(history, { heads: heads.map(({ headSha }) => headSha), branchHeads }, run.signal)
  const wanted = new Map(heads.filter(({ headSha }) => unreachable.has(headSha)).map(({ number, headSha }) => [number, headSha]))
  const kept = await history.fetchHeads(wanted, run.signal)
  const before = plan.whole ? new Set<Sha>() : new Set(plan.keptHeads.values())
  const include = [...new Set(kept.values())].filter((sha) => !before.has(sha))
  if (include.length > 0) {
    const range = { include, exclude: [...branchHeads, ...before] }
    await importCommits(run, { history, range, generation: plan.generation, rekey: plan.rekey })
  }
  return kept
}

async function findUnreachable(
  history: HistorySource,
  { heads, branchHeads }: { heads: readonly Sha[]; branchHeads: readonly Sha[] },
  signal: AbortSignal,
): Promise<ReadonlySet<Sha>> {
  const known = await history.findKnown(heads)
  const unreachable = new Set(heads.filter((sha) => !known.has(sha)))
  const wanted = new Set(known)
  for (const sha of branchHeads) wanted.delete(sha)
  if (wanted.size === 0) return unreachable
  for await (const shas of history.listShas({ include: [...wanted], exclude: branchHeads }, signal)) {
    for (const sha of shas) if (wanted.has(sha)) unreachable.add(sha)
  }
  return unreachable
}
