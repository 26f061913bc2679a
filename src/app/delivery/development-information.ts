import type {
  DevelopmentBranch,
  DevelopmentBuild,
  DevelopmentCommit,
  DevelopmentDeployment,
  DevelopmentInformation,
  DevelopmentPullRequest,
  DevelopmentRepository,
} from '../../domain/development-information.ts'
import type { AccountId, HostId, IssueKey, Sha } from '../../domain/ids.ts'
import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { listRepositoryAddresses, type RepositoryAddress } from '../../db/stores/repositories.ts'
import { readDevelopment, type StoredDevelopment } from '../../db/views/development.ts'
import type { StoredBranchRow } from '../../db/views/development-branches.ts'
import type { StoredCommitRow } from '../../db/views/development-commits.ts'
import type { StoredPullRequestRow } from '../../db/views/development-pull-requests.ts'
import type { StoredBuildRow, StoredDeploymentRow } from '../../db/views/development-runs.ts'
import type { HostLinks } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'

const ENTRIES_PER_KIND = 100

/**
 * Everything stored about an issue, under all the keys that it ever had, in the shape of contract section 4.
 *
 * @param options `ownKeys`: its keys where they are known already, default those of the same Jira issue; `showHidden`: also
 *   what is noise
 */
export async function readDevelopmentInformation(
  app: AppContext,
  key: IssueKey,
  { ownKeys, showHidden = false }: { readonly ownKeys?: readonly IssueKey[]; readonly showHidden?: boolean } = {},
): Promise<DevelopmentInformation> {
  const keys = ownKeys ?? (await listKeysOfSameIssue(app.db.read, key))
  const stored = await readDevelopment(app.db.read, {
    keys,
    limit: ENTRIES_PER_KIND,
    noise: app.settings.panel.noise,
    showHidden,
  })
  const ids = repositoryIds(stored)
  const known = await listRepositoryAddresses(app.db.read, [...ids, ...stored.commits.flatMap(({ alsoIn }) => alsoIn)])
  const names = new Map(known.map(({ id, name }) => [id, name]))
  const addresses = known.filter(({ id }) => ids.has(id))
  const links = new Map<AccountId, HostLinks>()
  for (const { accountId } of addresses) {
    if (!links.has(accountId)) links.set(accountId, await app.connections.links(accountId))
  }
  return {
    issue: key,
    asOf: findAsOf(addresses, app.clock.now()),
    panelUrl: `${app.settings.serverUrl}/issues/${encodeURIComponent(key)}`,
    summary: {
      branches: stored.counts.branches,
      commits: stored.counts.commits,
      pullRequests: { open: stored.counts.open, merged: stored.counts.merged, declined: stored.counts.declined },
      builds: stored.buildCounts,
      deployments: { environments: stored.environments },
      lastActivity: findLastActivity(stored),
    },
    hidden: stored.hidden,
    repositories: addresses.map((address) => toRepository(address, stored, { links: links.get(address.accountId), names })),
  }
}

function repositoryIds({ branches, commits, pullRequests, builds, deployments }: StoredDevelopment): Set<number> {
  const all = [...branches, ...commits, ...pullRequests, ...builds, ...deployments]
  return new Set(all.map(({ repositoryId }) => repositoryId))
}

/** What is shown is at least as new as that. */
function findAsOf(addresses: readonly RepositoryAddress[], now: Date): string {
  const synced = addresses.flatMap(({ syncedAt }) => (syncedAt === null ? [] : [syncedAt]))
  return new Date(Math.min(now.getTime(), ...synced)).toISOString()
}

function findLastActivity({ branches, commits, pullRequests, builds, deployments }: StoredDevelopment): string | null {
  // Newest first: the first of each kind is enough.
  const newest = Math.max(
    branches[0]?.headAt ?? 0,
    commits[0]?.authoredAt ?? 0,
    pullRequests[0]?.updatedAt ?? 0,
    builds[0]?.updatedAt ?? 0,
    deployments[0]?.updatedAt ?? 0,
  )
  return newest === 0 ? null : new Date(newest).toISOString()
}

function toRepository(
  address: RepositoryAddress,
  stored: StoredDevelopment,
  { links, names }: { readonly links: HostLinks | undefined; readonly names: ReadonlyMap<number, string> },
): DevelopmentRepository {
  const own = <T extends { repositoryId: number }>(rows: readonly T[]) =>
    rows.filter(({ repositoryId }) => repositoryId === address.id)
  const place = { hostId: address.hostId as HostId, path: address.name, webUrl: address.url }
  const openSources = new Set(
    own(stored.pullRequests)
      .filter(({ status }) => status === 'OPEN')
      .map(({ sourceBranch }) => sourceBranch),
  )
  return {
    id: String(address.id),
    name: address.name,
    url: address.url,
    host: address.host,
    branches: own(stored.branches).map((row) => toBranch(row, { links, place, hasRequest: openSources.has(row.name) })),
    commits: own(stored.commits).map((row) =>
      toCommit(row, { url: links?.commit(place, row.sha as Sha) ?? address.url, nameOf: (id) => names.get(id) }),
    ),
    pullRequests: own(stored.pullRequests).map(toPullRequest),
    builds: own(stored.builds).map(toBuild),
    deployments: own(stored.deployments).map(toDeployment),
  }
}

export interface BranchPlace {
  readonly links: HostLinks | undefined
  readonly place: Parameters<HostLinks['branch']>[0]
  readonly hasRequest: boolean
}

export function toBranch(row: StoredBranchRow, { links, place, hasRequest }: BranchPlace): DevelopmentBranch {
  return {
    name: row.name,
    url: links?.branch(place, row.name) ?? place.webUrl,
    head: row.head,
    createPullRequestUrl: hasRequest ? null : (links?.createPullRequest(place, row.name) ?? null),
    hidden: row.hidden,
  }
}

export interface CommitPlace {
  readonly url: string
  readonly nameOf: (repositoryId: number) => string | undefined
}

export function toCommit(row: StoredCommitRow, { url, nameOf }: CommitPlace): DevelopmentCommit {
  return {
    id: row.sha,
    displayId: row.sha.slice(0, 7),
    message: row.message,
    author: { name: row.authorName, email: row.authorEmail },
    authoredAt: new Date(row.authoredAt).toISOString(),
    merge: row.merge,
    url,
    fileCount: row.fileCount,
    files: row.files,
    alsoIn: row.alsoIn.map(nameOf).filter((name) => name !== undefined),
    linkedBy: row.linkedBy,
    hidden: row.hidden,
  }
}

export function toPullRequest(row: StoredPullRequestRow): DevelopmentPullRequest {
  return {
    id: String(row.number),
    title: row.title,
    status: row.status,
    draft: row.draft,
    sourceBranch: row.sourceBranch,
    targetBranch: row.targetBranch,
    url: row.url,
    author: { name: row.authorName, email: row.authorEmail },
    reviewers: row.reviewers,
    commentCount: row.commentCount,
    updatedAt: new Date(row.updatedAt).toISOString(),
    linkedBy: row.linkedBy,
    hidden: row.hidden,
  }
}

export function toBuild(row: StoredBuildRow): DevelopmentBuild {
  const { number, state, ref, url, jobs } = row
  return { id: row.hostId, number, state, ref, url, finishedAt: toTime(row.finishedAt), jobs }
}

export function toDeployment(row: StoredDeploymentRow): DevelopmentDeployment {
  return {
    id: row.hostId,
    environment: row.environment,
    environmentType: row.environmentType,
    state: row.state,
    url: row.url,
    finishedAt: toTime(row.finishedAt),
  }
}

const toTime = (at: number | null) => (at === null ? null : new Date(at).toISOString())
