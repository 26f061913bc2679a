import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import type { AccountJson } from '../../../../src/contract/account.ts'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { WebhookAddress } from '../../../ui/webhook-address.tsx'
import styles from './dialogs.module.css'

interface WebhookDialogProps {
  readonly account: AccountJson
  readonly repository: RepositoryJson
  readonly onClose: () => void
}

const MEANING: Readonly<Record<RepositoryJson['webhook']['state'], string>> = {
  live: 'The Git host tells the connector at once what changes here.',
  polling: 'No webhook serves this repository. What changes is found when the account is synchronized.',
  broken: 'The webhook could not be set up or does not work. What changes is still found when the account is synchronized.',
  off: 'Webhooks are switched off for this repository or its account.',
}

/** Why a repository's webhook is as it is, and how to mend it. */
export function WebhookDialog({ account, repository: { name, webhook, linked }, onClose }: WebhookDialogProps) {
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <ModalHeader hasCloseButton>
        <ModalTitle>Webhook of {name}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <p>{MEANING[webhook.state]}</p>
        {webhook.reason === null ? null : <p className={styles['text']}>{webhook.reason}</p>}
        {webhook.state === 'live' ? null : <Fixes account={account} linked={linked} />}
        {webhook.state === 'live' ? null : <WebhookAddress accountId={account.id} />}
      </ModalBody>
      <ModalFooter>
        <Button appearance="primary" onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  )
}

function Fixes({ account, linked }: { readonly account: AccountJson; readonly linked: boolean }) {
  if (!linked) return <p>Enable the repository: its webhook is set up with it.</p>
  if (account.webhooks === 'off') return <p>The account’s webhooks are off: choose another level in its settings.</p>
  return (
    <>
      <p>One of these helps:</p>
      <ul className={styles['list']}>
        <li>
          Give the account’s user the role Maintainer in the project, or Owner in the group, and a token with the scope{' '}
          <code>api</code>; then choose <em>Refresh repositories</em>.
        </li>
        <li>Give the account a separate webhook administration token: the other one may then stay read-only.</li>
        <li>Install the webhook by hand with the address below, and the account’s webhook secret.</li>
      </ul>
    </>
  )
}
