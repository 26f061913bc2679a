import type { HostId, IssueKey } from '../../domain/ids.ts'
import { MAX_KEYS_PER_RUN } from '../../domain/issue-keys.ts'
import { findBranchKeys } from '../../domain/issue-key-settings.ts'
import { findRunKeySources, type RunKeySources } from '../../db/stores/run-keys.ts'
import type { HostBuild } from '../../hosts/types.ts'
import type { SyncRun } from './sync-run.ts'

type Ran = Pick<HostBuild, 'sha' | 'ref' | 'pullRequest'>

/** Tells the keys of builds and deployments of one page. */
export interface RunKeyFinder {
  /** Keys of the commit, of the ref and of its pull requests, in this order; at most `MAX_KEYS_PER_RUN`. */
  keysOf(ran: Ran): IssueKey[]
  /** Branch that a pull request's ref stands for, as far as it is stored; else the ref itself. */
  branchOf(ran: Ran): string
}

export async function createRunKeyFinder(
  { app, rules, repository }: Pick<SyncRun, 'app' | 'rules' | 'repository'>,
  page: readonly Ran[],
): Promise<RunKeyFinder> {
  const sources = await findRunKeySources(app.db.read, repository.id, {
    shas: page.map(({ sha }) => sha),
    numbers: page.flatMap(({ pullRequest }) => pullRequest ?? []),
  })
  return {
    keysOf(ran) {
      const keys = new Set([
        ...(sources.commits.get(ran.sha) ?? []),
        ...(ran.pullRequest === null ? findBranchKeys(ran.ref, rules) : []),
        ...pullRequestsOf(sources, repository.hostId, ran).flatMap((pullRequest) => pullRequest.keys),
      ])
      return [...keys].slice(0, MAX_KEYS_PER_RUN)
    },
    branchOf({ ref, pullRequest }) {
      if (pullRequest === null) return ref
      return sources.pullRequests.find(({ number }) => number === pullRequest)?.sourceBranch ?? ref
    },
  }
}

/** The one that its ref names; else those of the repository's own branch of that name with this head. */
function pullRequestsOf({ pullRequests }: RunKeySources, repository: HostId, { sha, ref, pullRequest }: Ran) {
  if (pullRequest !== null) return pullRequests.filter(({ number }) => number === pullRequest)
  return pullRequests.filter(
    ({ sourceBranch, sourceRepository, headSha }) =>
      sourceBranch === ref && headSha === sha && (sourceRepository === null || sourceRepository === repository),
  )
}
