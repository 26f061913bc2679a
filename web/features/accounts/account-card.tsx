import { IconButton } from '@atlaskit/button/new'
import ChevronDownIcon from '@atlaskit/icon/core/chevron-down'
import ChevronRightIcon from '@atlaskit/icon/core/chevron-right'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { AccountJson } from '../../../src/contract/account.ts'
import { ExternalLink } from '../../ui/external-link.tsx'
import { AccountDialog, type AccountDialogName } from './account-dialogs.tsx'
import { AccountFacts } from './account-facts.tsx'
import { AccountMenu } from './account-menu.tsx'
import { AccountNotes } from './account-notes.tsx'
import { describePlace, toPlaceAddress } from './account-texts.ts'
import { HOST_NAMES, HostLogo } from './host-logo.tsx'
import { ManagedByFile } from './managed-by-file.tsx'
import { Refreshing } from './refreshing.tsx'
import { Repositories } from './repositories/repositories.tsx'
import { StateLozenge } from './state-lozenge.tsx'
import { useRefresh } from './use-account.ts'
import styles from './account-card.module.css'

interface AccountCardProps {
  readonly account: AccountJson
  readonly initiallyOpen: boolean
}

/** One account with its repositories, as on Jira's page. */
export function AccountCard({ account, initiallyOpen }: AccountCardProps) {
  const [isOpen, setOpen] = useState(initiallyOpen)
  const [dialog, setDialog] = useState<AccountDialogName | null>(null)
  const { refresh, refreshing } = useRefresh(account)
  const id = useId()
  const { name, state } = account
  return (
    <section className={styles['card']} aria-labelledby={id}>
      <div className={styles['head']}>
        {state === 'deleting' ? null : (
          <IconButton
            icon={isOpen ? ChevronDownIcon : ChevronRightIcon}
            label={`${isOpen ? 'Hide' : 'Show'} repositories of ${name}`}
            appearance="subtle"
            spacing="compact"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        )}
        <AccountTitle account={account} id={id} />
        {state === 'deleting' ? null : (
          <div className={styles['menu']}>
            <AccountMenu account={account} refreshing={refreshing} onRefresh={refresh} onOpen={setDialog} />
          </div>
        )}
      </div>
      <AccountNotes account={account} refreshing={refreshing} onRefresh={refresh} onOpen={setDialog} />
      <AccountFacts account={account} />
      <Refreshing name={name} refreshing={refreshing} />
      {isOpen && state !== 'deleting' ? <Repositories account={account} /> : null}
      <AccountDialog name={dialog} account={account} onClose={() => setDialog(null)} />
    </section>
  )
}

function AccountTitle({ account, id }: { readonly account: AccountJson; readonly id: string }) {
  const place = describePlace(account)
  return (
    <div className={styles['titles']}>
      <HostLogo />
      <div className={styles['names']}>
        <h2 id={id} className={styles['name']}>
          <Link to="/accounts/$accountId" params={{ accountId: account.id }}>
            {account.name}
          </Link>
        </h2>
        <div className={styles['place']}>
          {HOST_NAMES[account.host]} · <ExternalLink href={toPlaceAddress(account)}>{place}</ExternalLink>
        </div>
      </div>
      <div className={styles['marks']}>
        <StateLozenge state={account.state} />
        <ManagedByFile account={account} />
      </div>
    </div>
  )
}
