import { isUsableRefName } from '../../domain/ref-name.ts'
import type { StoredBranch } from '../../db/stores/branches.ts'
import type { HostCommit, HostConnection, HostRepositoryRef } from '../../hosts/types.ts'
import type { CommitRange, HistorySource, ReadCommit } from './history-source.ts'

export interface ApiHistoryOptions {
  readonly connection: HostConnection
  readonly repository: HostRepositoryRef
  readonly defaultBranch: string | null
  readonly stored: readonly StoredBranch[]
  readonly trusted: boolean
  readonly signal: AbortSignal
}

/**
 * History over the host's API, for servers without usable Git access: a request per hundred commits. A range of the API
 * takes one excluded commit, so what a rewritten or deleted branch lost cannot be told from what other branches hold:
 * then everything is read again and swept. Heads of pull requests are not kept, because the API does not list them.
 */
export async function openApiHistory(options: ApiHistoryOptions): Promise<HistorySource> {
  const { connection, repository } = options
  const branches = await listBranches(options)
  const before = new Map(options.stored.map(({ name, head }) => [name, head]))
  const unchanged =
    options.trusted && before.size === branches.length && branches.every(({ name, head }) => before.get(name) === head)
  const rewritten = options.trusted && !unchanged && (await isRewritten(options, branches))
  const tips = new Set([...before.values(), ...branches.map(({ head }) => head)])
  // Sorted first by `listBranches`: what it reaches need not be asked of the others.
  const trunk = branches[0]?.head ?? null

  return {
    branches,
    exactRanges: false,
    unchanged,
    wasTaken: false,
    findKnown: (shas) => Promise.resolve(new Set(rewritten ? [] : shas.filter((sha) => tips.has(sha)))),
    async *readCommits({ include, exclude, committedSince = 0 }, signal) {
      const done = new Set<Excluded>(exclude)
      const young = branches.filter(({ headAt }) => headAt >= committedSince)
      for (const head of new Set(include === 'all' ? young.map((branch) => branch.head) : include)) {
        if (done.has(head)) continue
        const own = before.get(branches.find((branch) => branch.head === head)?.name ?? '')
        const base =
          [own, exclude[0], trunk].find((sha) => sha !== undefined && sha !== null && sha !== head && done.has(sha)) ?? null
        for await (const page of connection.listCommits(repository, { include: head, exclude: base }, signal)) {
          const commits = page.map(toReadCommit).filter(({ committedAt }) => committedAt >= committedSince)
          if (commits.length > 0) yield commits
          else if (page.length > 0) break
        }
        done.add(head)
      }
    },
    // Asked only where nothing was rewritten: then nothing is lost.
    async *listShas() {},
    renew: () => Promise.resolve(),
    fetchHeads: () => Promise.resolve(new Map()),
    pruneHeads: () => Promise.resolve(),
    maintain: () => Promise.resolve(),
  }
}

type Excluded = CommitRange['exclude'][number]

async function listBranches({ connection, repository, defaultBranch, signal }: ApiHistoryOptions): Promise<StoredBranch[]> {
  const branches: StoredBranch[] = []
  for await (const page of connection.listBranches(repository, signal)) {
    const usable = page.filter(({ name }) => isUsableRefName(`refs/heads/${name}`))
    branches.push(...usable.map(({ name, head, headCommittedAt }) => ({ name, head, headAt: headCommittedAt.getTime() })))
  }
  return branches.sort((a, b) => Number(b.name === defaultBranch) - Number(a.name === defaultBranch))
}

/** Whether a stored branch is gone, or its old tip is no ancestor of the new one. */
async function isRewritten(
  { connection, repository, stored, signal }: ApiHistoryOptions,
  branches: readonly StoredBranch[],
): Promise<boolean> {
  const now = new Map(branches.map(({ name, head }) => [name, head]))
  for (const { name, head } of stored) {
    const tip = now.get(name)
    if (tip === undefined) return true
    if (tip === head) continue
    for await (const lost of connection.listCommits(repository, { include: head, exclude: tip }, signal)) {
      if (lost.length > 0) return true
    }
  }
  return false
}

/** A commit of the host's API as one of Git. */
export function toReadCommit(commit: HostCommit): ReadCommit {
  return {
    sha: commit.sha,
    parentCount: commit.parentCount,
    authorName: commit.author.name,
    authorEmail: commit.author.email ?? '',
    authoredAt: commit.authoredAt.getTime(),
    authorOffsetMinutes: commit.authorOffsetMinutes,
    committedAt: commit.committedAt.getTime(),
    message: commit.message,
  }
}
