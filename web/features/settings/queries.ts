import { queryOptions } from '@tanstack/react-query'
import type { AccountJson } from '../../../src/contract/account.ts'
import type { JiraAppJson } from '../../../src/contract/jira-app.ts'
import type { BuiltInConnectorJson, JiraJson } from '../../../src/contract/jira-connection.ts'
import type { JiraSignInJson } from '../../../src/contract/jira-sign-in.ts'
import type { JiraWebhookJson } from '../../../src/contract/jira-webhook.ts'
import type { OwnSessionJson } from '../../../src/contract/session.ts'
import type { SettingsJson } from '../../../src/contract/settings.ts'
import type { ProjectTrustJson, SmartCommitAliasJson, SmartCommitProfileJson } from '../../../src/contract/smart-commit.ts'
import type { TokenJson } from '../../../src/contract/tokens.ts'
import type { UserJson } from '../../../src/contract/users.ts'
import { callApi } from '../../ui/api.ts'

interface List<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export const jiraQuery = queryOptions({
  queryKey: ['jira'],
  queryFn: ({ signal }) => callApi<JiraJson>('jira', { signal }),
})

export const jiraWebhookQuery = queryOptions({
  queryKey: ['jira', 'webhook'],
  queryFn: ({ signal }) => callApi<JiraWebhookJson>('jira/webhook', { signal }),
})

export const jiraSignInQuery = queryOptions({
  queryKey: ['jira', 'sign-in'],
  queryFn: ({ signal }) => callApi<JiraSignInJson>('jira/sign-in', { signal }),
})

export const builtInConnectorQuery = queryOptions({
  queryKey: ['jira', 'built-in-connector'],
  queryFn: ({ signal }) => callApi<BuiltInConnectorJson>('jira/built-in-connector', { signal }),
})

export const jiraAppQuery = queryOptions({
  queryKey: ['jira', 'app'],
  queryFn: ({ signal }) => callApi<JiraAppJson>('jira-app', { signal }),
})

/** The warnings of accounts whose smart commits Jira executes as well; `asOf`: when Jira was asked, which may change them. */
export function smartCommitsTwiceQuery(asOf: number) {
  return queryOptions({
    queryKey: ['smart-commits-twice', asOf],
    queryFn: async ({ signal }) => {
      const accounts = await readAll<AccountJson>('accounts', signal)
      return accounts.flatMap(({ id, name, warnings }) =>
        warnings.filter(({ code }) => code === 'smart-commits-twice').map((problem) => ({ id, name, problem })),
      )
    },
    enabled: asOf > 0,
  })
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => callApi<SettingsJson>('settings', { signal }),
})

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => readAll<UserJson>('users', signal),
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => readAll<TokenJson>('tokens', signal),
})

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => readAll<OwnSessionJson>('sessions', signal),
})

/** What the connector knows of the caller as an author. */
export const smartCommitProfileQuery = queryOptions({
  queryKey: ['profile', 'smart-commits'],
  queryFn: ({ signal }) => callApi<SmartCommitProfileJson>('profile/smart-commits', { signal }),
})

export const aliasPath = (email: string) => `smart-commit-aliases/${encodeURIComponent(email)}`

export const aliasesQuery = queryOptions({
  queryKey: ['smart-commit-aliases'],
  queryFn: ({ signal }) => readAll<SmartCommitAliasJson>('smart-commit-aliases', signal),
})

export const projectTrustQuery = queryOptions({
  queryKey: ['smart-commit-trust'],
  queryFn: ({ signal }) => callApi<ProjectTrustJson>('smart-commit-trust', { signal }),
})

export const accountsQuery = queryOptions({
  queryKey: ['accounts-of-settings'],
  queryFn: ({ signal }) => readAll<AccountJson>('accounts', signal),
})

/** Lists that people made by hand: short, so all of it. */
async function readAll<Item>(path: string, signal: AbortSignal): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: List<Item> = await callApi<List<Item>>(path, { query: { limit: 200, cursor }, signal })
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return items
}
