import type { Reader } from '../../db/database.ts'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import type { BuiltInRepository } from '../../jira/built-in-connector.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { getConnected } from './connect-jira.ts'

/** An account of Jira's built-in DVCS connector. */
export interface BuiltInAccount {
  readonly name: string
  /** Its kind, in the words of that connector. */
  readonly host: string
  /** Origin of its repositories' addresses; null: it told none. */
  readonly url: string | null
  readonly repositories: { readonly total: number; readonly enabled: number }
  /** On in at least one enabled repository. */
  readonly smartCommits: boolean
  /** This connector knows that kind of host. */
  readonly supported: boolean
}

export interface BuiltInConnector {
  readonly available: boolean
  /** Why nothing can be told. */
  readonly reason: string | null
  readonly accounts: readonly BuiltInAccount[]
}

interface Remembered {
  readonly jira: string
  readonly accounts: readonly BuiltInAccount[]
}

/**
 * What the built-in connector of the connected Jira has linked, so that it can be taken over; it is remembered.
 *
 * @throws ConnectorError `jira-not-connected`, or what the Jira client rejects with when Jira cannot be asked at all
 */
export async function readBuiltInConnector(app: AppContext, signal: AbortSignal): Promise<BuiltInConnector> {
  await app.jiraAccess.refresh()
  const { client } = app.jira ?? getConnected(app)
  const remember = (accounts: readonly BuiltInAccount[]) =>
    app.db.write('interactive', (tx) =>
      saveSetting(tx, 'jira.built-in-connector', JSON.stringify({ jira: client.base.href, accounts } satisfies Remembered)),
    )
  try {
    const accounts = toAccounts(await client.listBuiltInRepositories(signal))
    await remember(accounts)
    return { available: true, reason: null, accounts }
  } catch (error) {
    const reason = isConnectorError(error) ? REASONS[error.code] : undefined
    if (reason === undefined) throw error
    // Switched off since: nothing is executed there any more.
    if (isConnectorError(error, 'jira-issue-not-found')) await remember([])
    return { available: false, reason, accounts: [] }
  }
}

/** As it was when the Jira at this address was last asked. */
export async function findBuiltInAccounts(db: Reader, jira: string): Promise<readonly BuiltInAccount[]> {
  const stored = await findSetting(db, 'jira.built-in-connector')
  if (stored === null) return []
  const remembered = JSON.parse(stored) as Remembered
  return withoutSlash(remembered.jira) === withoutSlash(jira) ? remembered.accounts : []
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '')

const REASONS: Readonly<Record<string, string>> = {
  'jira-permission-missing': 'The connector’s user in Jira is no Jira administrator, so Jira does not tell.',
  'jira-issue-not-found': 'This Jira has no built-in DVCS connector, or it is switched off.',
  'jira-refused': 'Jira refused to tell.',
  'jira-unexpected-answer': 'Its answer is of a kind that is not known.',
}

function toAccounts(repositories: readonly BuiltInRepository[]): BuiltInAccount[] {
  const groups = Map.groupBy(repositories, ({ kind, owner, url, organizationId }) =>
    JSON.stringify([kind, toOrigin(url), organizationId ?? owner]),
  )
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const enabled = group.filter(({ linked }) => linked)
      // An account's repositories may lie in groups below it.
      const [name = first.owner] = group.map(({ owner }) => owner).toSorted((a, b) => a.length - b.length)
      return {
        name,
        host: first.kind,
        url: toOrigin(first.url),
        repositories: { total: group.length, enabled: enabled.length },
        smartCommits: enabled.some(({ smartCommits }) => smartCommits),
        supported: isKindOf(first.kind, 'gitlab'),
      }
    })
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

/** Whether that connector's word for a kind of host means this one: versions call GitLab differently. */
export const isKindOf = (kind: string, host: string) => kind.toLowerCase().includes(host)

/** Where the host is; null: no address of the web. Nothing else of it is told, it may hold credentials. */
export function toOrigin(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url)
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.origin : null
}
