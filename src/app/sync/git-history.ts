import type { Sha } from '../../domain/ids.ts'
import type { StoredBranch } from '../../db/stores/branches.ts'
import type { GitRemote } from '../../domain/git-remote.ts'
import type { FetchFilter, Mirror } from '../../git/mirror.ts'
import type { RemoteRefs } from '../../git/protocol.ts'
import type { HttpClient } from '../../lib/http-client.ts'
import type { FirstFetch } from './fetch-first.ts'
import type { HistorySource } from './history-source.ts'
import { equalsStored } from './locate-repository.ts'

const HEADS = 'refs/heads/'
/** Where the mirror keeps heads of pull requests; the host's own names differ from host to host. */
const KEPT = 'refs/pull/'

export interface GitHistoryOptions {
  readonly mirror: Mirror
  readonly http: HttpClient
  /** Lends the address with the credentials of now. */
  readonly withRemote: <T>(use: (remote: GitRemote) => Promise<T>) => Promise<T>
  readonly refs: RemoteRefs
  readonly stored: readonly StoredBranch[]
  /** The stored branches are trusted: equal ones need no fetch. */
  readonly trusted: boolean
  readonly pullRequestRef: (number: number) => string
  readonly onFetch: () => Promise<void>
  /** Of a repository of which nothing was ever stored: fetches and stores at the same time, see `fetchFirst`. */
  readonly fetchFirst: ((first: FirstFetch) => Promise<boolean>) | null
  readonly signal: AbortSignal
}

/**
 * History from a local mirror, brought up to date first unless the host's branches equal the stored ones.
 *
 * @throws ConnectorError `mirror-corrupt` and those of Git and the network
 */
export async function openGitHistory(options: GitHistoryOptions): Promise<HistorySource> {
  const { mirror, withRemote, refs } = options
  const filter = refs.supportsFilter ? 'tree:0' : null
  const unchanged = options.trusted && equalsStored(refs.refs, options.stored)
  let preparing: Promise<void> | null = null
  /** Most synchronisations find the same branches and ask nothing of the mirror: they start no process of git. */
  const prepare = () => (preparing ??= mirror.prepare(refs.objectFormat))
  let wasTaken = false
  if (!unchanged) {
    await prepare()
    await options.onFetch()
    wasTaken = await fetchAll(options, filter)
  }
  const branches = unchanged ? options.stored : await readBranches(mirror)

  return {
    branches,
    exactRanges: true,
    unchanged,
    wasTaken,
    async findKnown(shas) {
      if (shas.length === 0) return new Set()
      await prepare()
      return mirror.hasCommits(shas)
    },
    async *readCommits({ include, ...range }, abort) {
      // Not every ref of the mirror: a kept head may be one that is let go of in this very run.
      const tips = include === 'all' ? [...new Set(branches.map(({ head }) => head))] : include
      await prepare()
      yield* mirror.readCommits({ ...range, include: tips, signal: abort })
    },
    async *listShas(range, abort) {
      await prepare()
      yield* mirror.listShas({ ...range, signal: abort })
    },
    async renew(abort) {
      if (!unchanged) return
      await prepare()
      await withRemote((remote) => mirror.fetchBranches({ remote, filter, listed: refs.refs, signal: abort }))
    },
    async fetchHeads(heads, abort) {
      await prepare()
      const present = await readKeptHeads(mirror)
      const wanted = [...heads].filter(([number, sha]) => present.get(number) !== sha)
      if (wanted.length > 0) {
        const refspecs = wanted.map(([number]) => ({ source: options.pullRequestRef(number), target: `${KEPT}${number}` }))
        await withRemote((remote) => mirror.fetchRefs({ http: options.http, remote, filter, refs: refspecs, signal: abort }))
      }
      const after = wanted.length > 0 ? await readKeptHeads(mirror) : present
      return new Map([...after].filter(([number]) => heads.has(number)))
    },
    async pruneHeads(keep) {
      await prepare()
      const present = await readKeptHeads(mirror)
      const stale = [...present.keys()].filter((number) => !keep.has(number)).map((number) => `${KEPT}${number}`)
      if (stale.length > 0) await mirror.deleteRefs(stale)
    },
    async maintain(abort) {
      await prepare()
      await mirror.maintain(abort)
    },
  }
}

/** Brings the mirror up to date; true: the whole history was stored meanwhile. */
async function fetchAll(options: GitHistoryOptions, filter: FetchFilter): Promise<boolean> {
  const { mirror, withRemote, refs, fetchFirst } = options
  const fetch = (signal: AbortSignal) =>
    withRemote((remote) => mirror.fetchBranches({ remote, filter, listed: refs.refs, signal }))
  if (fetchFirst !== null && filter !== null && (await mirror.holdsNothing())) {
    return fetchFirst({ mirror, objectFormat: refs.objectFormat, fetch })
  }
  await fetch(options.signal)
  return false
}

async function readBranches(mirror: Mirror): Promise<StoredBranch[]> {
  const branches: StoredBranch[] = []
  for await (const batch of mirror.listRefs(HEADS)) {
    branches.push(
      ...batch.map(({ name, sha, committedAt }) => ({ name: name.slice(HEADS.length), head: sha, headAt: committedAt })),
    )
  }
  return branches
}

async function readKeptHeads(mirror: Mirror): Promise<Map<number, Sha>> {
  const heads = new Map<number, Sha>()
  for await (const batch of mirror.listRefs(KEPT)) {
    for (const { name, sha } of batch) heads.set(Number(name.slice(KEPT.length)), sha)
  }
  return heads
}
