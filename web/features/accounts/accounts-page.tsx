import { useQuery } from '@tanstack/react-query'
import type { AccountJson } from '../../../src/contract/account.ts'
import { RouterButton } from '../../ui/router-button.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { AccountCard } from './account-card.tsx'
import { accountsQuery } from './queries.ts'
import { useDeletionEnd } from './use-deletion-end.ts'
import { useLiveAccounts } from './use-live-accounts.ts'

/** With more, a page of open tables would hide that there are others. */
const OPEN_AT_MOST = 4

export function AccountsPage() {
  const query = useQuery(accountsQuery)
  return (
    <Page
      title="DVCS accounts"
      actions={
        <RouterButton to="/accounts/link" appearance="primary">
          Link account
        </RouterButton>
      }
      intro="Link the accounts of your Git hosts to Jira: every commit, branch, merge request, build and deployment that names an issue key is shown with its issue. New ones arrive by webhooks; what a webhook misses is found at the next synchronization."
    >
      <QueryView query={query}>{(accounts) => <Accounts accounts={accounts} />}</QueryView>
    </Page>
  )
}

function Accounts({ accounts }: { readonly accounts: readonly AccountJson[] }) {
  useDeletionEnd(accounts)
  useLiveAccounts()
  if (accounts.length === 0) {
    return (
      <Empty
        title="Connect your code to Jira"
        action={
          <RouterButton to="/accounts/link" appearance="primary">
            Link account
          </RouterButton>
        }
      >
        No account is linked yet. You need the address of your Git host and a token that can read its repositories; a dry run
        shows what would be linked before anything is stored.
      </Empty>
    )
  }
  return accounts.map((account) => (
    <AccountCard key={account.id} account={account} initiallyOpen={accounts.length <= OPEN_AT_MOST} />
  ))
}
