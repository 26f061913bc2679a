import type { IssueKey, Sha } from '../../domain/ids.ts'
import { MAX_KEYS_PER_RUN } from '../../domain/issue-keys.ts'
import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import {
  findDeployedBefore,
  findEnvironmentTypes,
  isDeployedBeforeForgotten,
  listDeploymentKeys,
  saveDeployments,
  saveEnvironmentDeployments,
  sweepDeployments,
  type KeyedDeployment,
} from '../../db/stores/deployments.ts'
import type { HostDeployment } from '../../hosts/types.ts'
import { toDeploymentEvents } from '../triggers/found-events.ts'
import type { HistorySource } from './history-source.ts'
import { MAX_RUN_TEXT_BYTES } from './import-builds.ts'
import { readChanges } from './read-changes.ts'
import { createRunKeyFinder } from './run-keys.ts'
import { toRef, type SyncRun } from './sync-run.ts'

/** Commits of one deployment whose messages are read, as GitLab does it for Jira Cloud. */
const MAX_COMMITS = 2_000

/** Reads the deployments that changed since the last run. */
export async function importDeployments(run: SyncRun, history: HistorySource): Promise<void> {
  const { db } = run.app
  const { id } = run.repository
  const commits = createCommitFinder(run, history)
  // A full synchronisation asks for the types again: somebody may have changed them.
  const findTypes = async (ids: readonly string[]) => (run.full ? new Map() : findEnvironmentTypes(db.read, id, ids))
  await readChanges<HostDeployment>(run, {
    kind: 'deployments',
    list: (updatedSince) =>
      run.connection.listDeployments({
        repository: toRef(run),
        updatedSince,
        signal: run.signal,
        findEnvironmentTypes: findTypes,
      }),
    async prepare(page, generation) {
      const successful = page.filter(({ state }) => state === 'SUCCESSFUL')
      const runs = await toKeyedDeployments(run, { page, successful, commits, generation })
      return async (tx, dueAt) => {
        await saveEnvironmentDeployments(tx, id, { deployments: successful, generation })
        const saved = await saveDeployments(tx, { repositoryId: id, generation, runs, dueAt })
        await run.events.record(tx, (since) => toDeploymentEvents(saved, since))
      }
    },
    sweep: (tx, sweep) => sweepDeployments(tx, id, sweep),
  })
}

interface Page {
  readonly page: readonly HostDeployment[]
  readonly successful: readonly HostDeployment[]
  readonly commits: CommitFinder
  readonly generation: number
}

async function toKeyedDeployments(run: SyncRun, { page, successful, commits, generation }: Page): Promise<KeyedDeployment[]> {
  const finder = await createRunKeyFinder(run, page)
  const keyed: KeyedDeployment[] = []
  for (const deployment of page) {
    const keys = new Set(finder.keysOf(deployment))
    const before = await findBefore(run, successful, deployment)
    if (before === null) for (const key of await listKeptKeys(run, deployment, generation)) keys.add(key)
    else if (before !== deployment.sha) await commits.addKeys(keys, { from: before, to: deployment.sha })
    run.progress.noteIssues(keys)
    const { id, number, state, sha, environmentType, createdAt, updatedAt, finishedAt } = deployment
    const [environment, url] = [text(deployment.environment), text(deployment.url)]
    const times = { createdAt, updatedAt, finishedAt }
    keyed.push({ id, number, state, sha, environment, environmentType, url, ...times, keys: [...keys] })
  }
  return keyed
}

/**
 * What the environment held before: the last successful deployment with a smaller number, on this page or stored. null:
 * not known, because it was deployed for the first time, or before the past that is read.
 */
async function findBefore(
  { app, repository }: SyncRun,
  successful: readonly HostDeployment[],
  deployment: HostDeployment,
): Promise<Sha | null> {
  const stored = await findDeployedBefore(app.db.read, repository.id, deployment)
  const onPage = successful.filter(
    ({ environmentId, number }) => environmentId === deployment.environmentId && number < deployment.number,
  )
  const newest = [...onPage, ...(stored === null ? [] : [stored])].toSorted((a, b) => b.number - a.number)
  return newest[0]?.sha ?? null
}

/** An old deployment that changes again, although what was before it is forgotten, keeps the keys that it was found to have. */
async function listKeptKeys(
  { app, repository }: SyncRun,
  { id, environmentId, number }: HostDeployment,
  generation: number,
): Promise<readonly IssueKey[]> {
  const forgotten = await isDeployedBeforeForgotten(app.db.read, repository.id, { environmentId, number, generation })
  return forgotten ? listDeploymentKeys(app.db.read, repository.id, id) : []
}

interface CommitFinder {
  /** Adds the keys in the messages of the commits that `to` has and `from` has not; merges bring nothing of their own. */
  addKeys(keys: Set<IssueKey>, range: { readonly from: Sha; readonly to: Sha }): Promise<void>
}

function createCommitFinder(run: SyncRun, history: HistorySource): CommitFinder {
  let renewed = false
  const canRead = async (shas: readonly Sha[]) => (await history.findKnown(shas)).size === new Set(shas).size
  return {
    async addKeys(keys, { from, to }) {
      if (!(await canRead([from, to]))) {
        if (renewed) return
        renewed = true
        await history.renew(run.signal)
        // Of a branch that is gone, or made by the host alone: then only the build rule counts.
        if (!(await canRead([from, to]))) return
      }
      let read = 0
      for await (const commits of history.readCommits({ include: [to], exclude: [from] }, run.signal)) {
        for (const { parentCount, message } of commits) {
          if (parentCount > 1) continue
          read += 1
          if (read > MAX_COMMITS) return
          for (const key of findCommitKeys(message, run.rules)) {
            if (keys.size >= MAX_KEYS_PER_RUN) return
            keys.add(key)
          }
        }
      }
    },
  }
}

const text = (value: string) => toStorableText(value, { maxBytes: MAX_RUN_TEXT_BYTES })
