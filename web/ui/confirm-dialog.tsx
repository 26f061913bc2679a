import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import { useState, type ReactNode } from 'react'
import { Failure } from './states.tsx'

export interface ConfirmDialogProps {
  readonly title: string
  /** What will happen: the verb, such as "Delete". */
  readonly action: string
  readonly appearance?: 'primary' | 'danger' | 'warning'
  /** Stays open, with the error, when it rejects. */
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks before something is done that cannot simply be undone. */
export function ConfirmDialog({ title, action, appearance = 'primary', onConfirm, onClose, children }: ConfirmDialogProps) {
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      onClose()
    } catch (cause) {
      setError(cause)
      setBusy(false)
    }
  }
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <ModalHeader hasCloseButton>
        <ModalTitle {...(appearance === 'primary' ? {} : { appearance })}>{title}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        {children}
        {error === null ? null : <Failure error={error} />}
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onClose}>
          Cancel
        </Button>
        <Button appearance={appearance} isLoading={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </ModalFooter>
    </Modal>
  )
}
