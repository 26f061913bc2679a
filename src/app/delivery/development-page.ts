import type {
  DevelopmentBranch,
  DevelopmentBuild,
  DevelopmentCommit,
  DevelopmentDeployment,
  DevelopmentPullRequest,
} from '../../domain/development-information.ts'
import type { AccountId, HostId, IssueKey, Sha } from '../../domain/ids.ts'
import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { listRepositoryAddresses, type RepositoryAddress } from '../../db/stores/repositories.ts'
import { readDevelopmentPage, type DevelopmentPages, type DevelopmentPosition } from '../../db/views/development.ts'
import { branchPosition } from '../../db/views/development-branches.ts'
import { commitPosition } from '../../db/views/development-commits.ts'
import { pullRequestPosition } from '../../db/views/development-pull-requests.ts'
import { runPosition } from '../../db/views/development-runs.ts'
import { findOpenSourceBranches } from '../../db/views/open-source-branches.ts'
import type { HostLinks } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'
import { toBranch, toBuild, toCommit, toDeployment, toPullRequest } from './development-information.ts'

/** Kinds that are stored. */
export type DevelopmentKind = keyof DevelopmentPages

export interface DevelopmentPageRequest {
  readonly key: IssueKey
  readonly kind: DevelopmentKind
  readonly after: DevelopmentPosition | null
  readonly limit: number
  /** Also what is noise. */
  readonly showHidden: boolean
}

interface InRepository {
  readonly repository: { readonly id: string; readonly name: string; readonly url: string; readonly host: string }
}

export type DevelopmentEntry = InRepository &
  (DevelopmentBranch | DevelopmentCommit | DevelopmentPullRequest | DevelopmentBuild | DevelopmentDeployment)

export interface DevelopmentPage {
  readonly items: readonly DevelopmentEntry[]
  /** null: nothing comes after. */
  readonly next: DevelopmentPosition | null
}

/** Entries of one kind, newest first, under all the keys that the issue ever had. */
export async function readDevelopmentEntries(app: AppContext, request: DevelopmentPageRequest): Promise<DevelopmentPage> {
  const keys = await listKeysOfSameIssue(app.db.read, request.key)
  const query = {
    keys,
    after: request.after,
    limit: request.limit + 1,
    noise: app.settings.panel.noise,
    showHidden: request.showHidden,
  }
  switch (request.kind) {
    case 'branches': {
      const { rows, next } = cut(await readDevelopmentPage(app.db.read, 'branches', query), request.limit, branchPosition)
      const open = await findOpenSourceBranches(app.db.read, rows)
      return { items: await place(app, rows, (row, at) => toBranch(row, { ...at, hasRequest: open.has(row) })), next }
    }
    case 'commits': {
      const { rows, next } = cut(await readDevelopmentPage(app.db.read, 'commits', query), request.limit, commitPosition)
      return {
        items: await place(app, rows, (row, at) =>
          toCommit(row, { url: at.links.commit(at.place, row.sha as Sha), nameOf: at.nameOf }),
        ),
        next,
      }
    }
    case 'pullRequests': {
      const { rows, next } = cut(
        await readDevelopmentPage(app.db.read, 'pullRequests', query),
        request.limit,
        pullRequestPosition,
      )
      return { items: await place(app, rows, toPullRequest), next }
    }
    case 'builds': {
      const { rows, next } = cut(await readDevelopmentPage(app.db.read, 'builds', query), request.limit, runPosition)
      return { items: await place(app, rows, toBuild), next }
    }
    case 'deployments': {
      const { rows, next } = cut(await readDevelopmentPage(app.db.read, 'deployments', query), request.limit, runPosition)
      return { items: await place(app, rows, toDeployment), next }
    }
  }
}

/** The page without the row more that says whether another one follows. */
function cut<Row>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => DevelopmentPosition,
): { rows: readonly Row[]; next: DevelopmentPosition | null } {
  const last = rows[limit - 1]
  return { rows: rows.slice(0, limit), next: rows.length > limit && last !== undefined ? position(last) : null }
}

interface Place {
  readonly links: HostLinks
  readonly nameOf: (repositoryId: number) => string | undefined
  readonly place: { readonly hostId: HostId; readonly path: string; readonly webUrl: string }
}

async function place<Row extends { readonly repositoryId: number; readonly alsoIn?: readonly number[] }, Entry>(
  app: AppContext,
  rows: readonly Row[],
  toEntry: (row: Row, at: Place) => Entry,
): Promise<(Entry & InRepository)[]> {
  const addresses = await listRepositoryAddresses(app.db.read, [
    ...new Set(rows.flatMap(({ repositoryId, alsoIn = [] }) => [repositoryId, ...alsoIn])),
  ])
  const links = new Map<AccountId, HostLinks>()
  for (const { accountId } of addresses) if (!links.has(accountId)) links.set(accountId, await app.connections.links(accountId))
  const byId = new Map<number, RepositoryAddress>(addresses.map((address) => [address.id, address]))
  return rows.flatMap((row) => {
    const address = byId.get(row.repositoryId)
    const own = address === undefined ? undefined : links.get(address.accountId)
    // Unlinked between the two reads: nothing of it is shown any more.
    if (address === undefined || own === undefined) return []
    const nameOf = (id: number) => byId.get(id)?.name
    const at = { links: own, nameOf, place: { hostId: address.hostId, path: address.name, webUrl: address.url } }
    return [
      { ...toEntry(row, at), repository: { id: String(address.id), name: address.name, url: address.url, host: address.host } },
    ]
  })
}
