import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import { useState, type FormEvent, type ReactNode } from 'react'
import { Failure } from '../../ui/states.tsx'

export interface FormDialogProps {
  readonly title: string
  /** The verb, such as "Link". */
  readonly action: string
  readonly appearance?: 'primary' | 'warning'
  /** Resolves to whether it was done; false: the fields say what is missing. Rejects with what the connector refused. */
  readonly onSubmit: () => Promise<boolean>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A dialog with fields, sent by its button or by Enter. */
export function FormDialog({ title, action, appearance = 'primary', onSubmit, onClose, children }: FormDialogProps) {
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      if (await onSubmit()) onClose()
    } catch (cause) {
      setError(cause)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <ModalHeader hasCloseButton>
          <ModalTitle {...(appearance === 'primary' ? {} : { appearance })}>{title}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          {children}
          {error === null ? null : <Failure error={error} title="This was refused" />}
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" appearance={appearance} isLoading={busy}>
            {action}
          </Button>
        </ModalFooter>
      </form>
    </Modal>
  )
}
