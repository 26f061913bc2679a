import { listKeysOfSameIssue } from '../../db/stores/issues.ts'
import { findRepository, listRepositoryAddresses } from '../../db/stores/repositories.ts'
import { listVisibleAccounts } from '../../db/views/development-scope.ts'
import { listRecentRepositories, listRepositoriesOfIssue } from '../../db/views/issue-repositories.ts'
import { toBranchName } from '../../domain/branch-name.ts'
import type { IssueKey, RepositoryId } from '../../domain/ids.ts'
import { toProblem } from '../../domain/problem.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

const MOST_REPOSITORIES = 10
/** Somebody waits for a page; the key alone is a good name too. */
const PATIENCE_MS = 3_000

export interface BranchOffer {
  readonly branchName: string
  readonly createBranch: readonly {
    readonly repository: { readonly id: string; readonly name: string; readonly url: string; readonly host: string }
    readonly url: string
  }[]
}

/**
 * Pages of the Git hosts that make a branch for an issue: in the repositories that have something of it, else in those of
 * the newest activity; or in one that was chosen.
 *
 * @throws ConnectorError `repository-not-found` when the one chosen is not linked for this issue's project
 */
export async function offerBranches(
  app: AppContext,
  { key, repositoryId }: { readonly key: IssueKey; readonly repositoryId: RepositoryId | null },
  signal: AbortSignal,
): Promise<BranchOffer> {
  const keys = await listKeysOfSameIssue(app.db.read, key)
  const ids = repositoryId === null ? await listOffered(app, keys) : [await getOffered(app, keys, repositoryId)]
  const summary = await findSummary(app, key, signal)
  const branchName = toBranchName(app.settings.panel.branchName, { issueKey: key, summary })
  const addresses = new Map(
    (await listRepositoryAddresses(app.db.read, ids.map(Number))).map((address) => [String(address.id), address]),
  )
  const offers = await Promise.all(
    ids.map(async (id) => {
      const address = addresses.get(id)
      if (address === undefined) return []
      const { accountId, hostId, name, url, host } = address
      const links = await app.connections.links(accountId)
      return [{ repository: { id, name, url, host }, url: links.createBranch({ hostId, path: name, webUrl: url }, branchName) }]
    }),
  )
  return { branchName, createBranch: offers.flat() }
}

async function listOffered(app: AppContext, keys: readonly IssueKey[]): Promise<RepositoryId[]> {
  const own = await listRepositoriesOfIssue(app.db.read, keys, MOST_REPOSITORIES)
  return own.length > 0 ? own : listRecentRepositories(app.db.read, keys, MOST_REPOSITORIES)
}

async function getOffered(app: AppContext, keys: readonly IssueKey[], id: RepositoryId): Promise<RepositoryId> {
  const repository = await findRepository(app.db.read, id)
  const accounts: readonly string[] = await listVisibleAccounts(app.db.read, keys)
  if (repository?.linked === true && accounts.includes(repository.accountId)) return id
  throw new ConnectorError('repository-not-found', { userMessage: `There is no repository ${id}.` })
}

/** null: Jira did not tell in time. */
async function findSummary(app: AppContext, key: IssueKey, signal: AbortSignal): Promise<string | null> {
  const { jira } = app
  if (jira === null || !app.settings.panel.branchName.includes('${summary}')) return null
  const ended = new AbortController()
  const both = AbortSignal.any([signal, ended.signal])
  const asked = jira.client.findIssueSummary(key, both).catch((error: unknown) => {
    if (!isConnectorError(error) && !both.aborted) throw error
    app.log.debug({ key, problem: toProblem(error) }, 'jira told no summary for the name of a branch')
    return null
  })
  const waited = app.clock.sleep(PATIENCE_MS, both).then(
    () => null,
    () => null,
  )
  try {
    return await Promise.race([asked, waited])
  } finally {
    ended.abort()
  }
}
