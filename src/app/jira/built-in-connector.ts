import type { BuiltInRepository } from '../../jira/built-in-connector.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'

/** An account of Jira's built-in DVCS connector. */
export interface BuiltInAccount {
  readonly name: string
  readonly host: string
  readonly url: string | null
  readonly repositories: { readonly total: number; readonly enabled: number }
  readonly smartCommits: boolean
  readonly supported: boolean
}

export interface BuiltInConnector {
  readonly available: boolean
  readonly reason: string | null
  readonly accounts: readonly BuiltInAccount[]
}

/**
 * What the built-in connector of the connected Jira has linked, so that it can be taken over.
 *
 * @throws ConnectorError `jira-not-connected`, or what the Jira client rejects with when Jira cannot be asked at all
 */
export async function readBuiltInConnector({ jira }: Pick<AppContext, 'jira'>, signal: AbortSignal): Promise<BuiltInConnector> {
  if (jira === null) {
    throw new ConnectorError('jira-not-connected', {
      userMessage: 'No Jira is connected.',
      remedy: 'Connect one under Settings, or in the configuration file.',
    })
  }
  try {
    const repositories = await jira.client.listBuiltInRepositories(signal)
    return { available: true, reason: null, accounts: toAccounts(repositories) }
  } catch (error) {
    const reason = isConnectorError(error) ? REASONS[error.code] : undefined
    if (reason === undefined) throw error
    return { available: false, reason, accounts: [] }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  'jira-permission-missing': 'The connector’s user in Jira is no Jira administrator, so Jira does not tell.',
  'jira-issue-not-found': 'This Jira has no built-in DVCS connector, or it is switched off.',
  'jira-refused': 'Jira refused to tell.',
  'jira-unexpected-answer': 'Its answer is of a kind that is not known.',
}

function toAccounts(repositories: readonly BuiltInRepository[]): BuiltInAccount[] {
  const groups = Map.groupBy(repositories, ({ kind, owner, url }) => JSON.stringify([kind, toOrigin(url), owner]))
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const enabled = group.filter(({ linked }) => linked)
      return {
        name: first.owner,
        host: first.kind,
        url: toOrigin(first.url),
        repositories: { total: group.length, enabled: enabled.length },
        smartCommits: enabled.some(({ smartCommits }) => smartCommits),
        supported: /gitlab/i.test(first.kind),
      }
    })
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

/** Where the host is; null: no address of the web. */
function toOrigin(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url)
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.origin : null
}
