import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { WebhooksView } from '../webhooks-view.tsx'

export function WebhooksDialog({ account, onClose }: AccountDialogProps) {
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <ModalHeader hasCloseButton>
        <ModalTitle>Webhooks of “{account.name}”</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <WebhooksView accountId={account.id} />
      </ModalBody>
      <ModalFooter>
        <Button appearance="primary" onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  )
}
