import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AccountWebhooksJson } from '../../../../src/contract/account-webhooks.ts'
import { callApi } from '../../../ui/api.ts'
import { Failure } from '../../../ui/states.tsx'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { accountWebhooksQuery } from '../../../ui/account-webhooks.ts'
import { accountPath } from '../queries.ts'
import { Rotation } from '../webhooks-view.tsx'

/** Gives the hooks a new secret, and shows how far that has come; it goes on when the dialog is closed. */
export function RotateDialog({ account, onClose }: AccountDialogProps) {
  const queryClient = useQueryClient()
  const { queryKey } = accountWebhooksQuery(account.id)
  const { data } = useQuery(accountWebhooksQuery(account.id))
  const [state, setState] = useState<'asking' | 'busy' | 'asked'>('asking')
  const [error, setError] = useState<unknown>(null)
  const rotate = async () => {
    setState('busy')
    setError(null)
    try {
      const path = `${accountPath(account.id)}/rotate-webhook-secret`
      queryClient.setQueryData(queryKey, await callApi<AccountWebhooksJson>(path, { method: 'POST' }))
      setState('asked')
    } catch (cause) {
      setError(cause)
      setState('asking')
    }
  }
  const rotation = data?.rotation ?? null
  const canRotate = state !== 'asked' && rotation === null
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <ModalHeader hasCloseButton>
        <ModalTitle>Rotate webhook secret of “{account.name}”</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <p>
          Every webhook that the connector set up gets a new secret. The old one stays valid until every hook carries the new one,
          and an hour longer: no webhook is lost.
        </p>
        <div aria-live="polite">
          {rotation === null ? null : <Rotation rotation={rotation} />}
          {state === 'asked' && rotation === null ? <p>Every hook carries the new secret.</p> : null}
        </div>
        {error === null ? null : <Failure error={error} title="The secret was not rotated" />}
      </ModalBody>
      <ModalFooter>
        <Button appearance={canRotate ? 'subtle' : 'primary'} onClick={onClose}>
          {canRotate ? 'Cancel' : 'Close'}
        </Button>
        {canRotate ? (
          <Button appearance="primary" isLoading={state === 'busy'} onClick={() => void rotate()}>
            Rotate secret
          </Button>
        ) : null}
      </ModalFooter>
    </Modal>
  )
}
