import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { AccountJson } from '../../../src/contract/account.ts'
import { ApiError } from '../../ui/api.ts'
import { ExternalLink } from '../../ui/external-link.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { RouterButton } from '../../ui/router-button.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { AccountDialog, type AccountDialogName } from './account-dialogs.tsx'
import { AccountFacts } from './account-facts.tsx'
import { AccountMenu } from './account-menu.tsx'
import { AccountNotes } from './account-notes.tsx'
import { describePlace, toPlaceAddress } from './account-texts.ts'
import { DriftView } from './drift-view.tsx'
import { HOST_NAMES } from './host-logo.tsx'
import { ManagedByFile } from './managed-by-file.tsx'
import { accountQuery } from './queries.ts'
import { Refreshing } from './refreshing.tsx'
import { Repositories } from './repositories/repositories.tsx'
import { AccountSettings } from './settings/account-settings.tsx'
import { StateLozenge } from './state-lozenge.tsx'
import { useRefresh } from './use-account.ts'
import { useLiveAccounts } from './use-live-accounts.ts'
import { WebhooksView } from './webhooks-view.tsx'

const TRAIL = [{ label: 'DVCS accounts', to: '/accounts' }] as const

export function AccountPage() {
  const { accountId = '' } = useParams({ strict: false })
  const query = useQuery(accountQuery(accountId))
  useLiveAccounts()
  if (query.error instanceof ApiError && query.error.status === 404) return <NoAccount id={accountId} />
  if (query.data === undefined) {
    return (
      <Page title={accountId} trail={TRAIL}>
        <QueryView query={query}>{() => null}</QueryView>
      </Page>
    )
  }
  return <Account key={accountId} account={query.data} />
}

function NoAccount({ id }: { readonly id: string }) {
  return (
    <Page title="DVCS accounts">
      <Empty title="There is no such account" action={<RouterButton to="/accounts">Go to DVCS accounts</RouterButton>}>
        “{id}” was deleted, or there never was an account of this id.
      </Empty>
    </Page>
  )
}

function Account({ account }: { readonly account: AccountJson }) {
  const [dialog, setDialog] = useState<AccountDialogName | null>(null)
  const { refresh, refreshing } = useRefresh(account)
  const { id, name, host, state } = account
  const isDeleting = state === 'deleting'
  return (
    <Page
      title={name}
      trail={TRAIL}
      actions={
        <>
          <StateLozenge state={state} />
          {isDeleting ? null : <AccountMenu account={account} refreshing={refreshing} onRefresh={refresh} onOpen={setDialog} />}
        </>
      }
      intro={
        <>
          {HOST_NAMES[host]} · <ExternalLink href={toPlaceAddress(account)}>{describePlace(account)}</ExternalLink>
          <ManagedByFile account={account} />
        </>
      }
    >
      <AccountNotes account={account} refreshing={refreshing} onRefresh={refresh} onOpen={setDialog} />
      <AccountFacts account={account} />
      <Refreshing name={name} refreshing={refreshing} />
      {isDeleting ? null : (
        <>
          <Section title="Repositories">
            <Repositories account={account} />
          </Section>
          <Section title="Settings">
            <AccountSettings account={account} onCredentials={() => setDialog('credentials')} />
          </Section>
          <Section title="Webhooks">
            <WebhooksView accountId={id} />
          </Section>
          <Section title="Drift">
            <DriftView accountId={id} />
          </Section>
        </>
      )}
      <AccountDialog name={dialog} account={account} onClose={() => setDialog(null)} />
    </Page>
  )
}
