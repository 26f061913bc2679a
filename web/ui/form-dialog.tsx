import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import { useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { focusFirstWrong } from './form.tsx'
import { Failure } from './states.tsx'
import styles from './form-dialog.module.css'

const TEXT_FIELDS = 'input:not([type="radio"], [type="checkbox"], [readonly]), textarea:not([readonly])'

interface FormDialogProps {
  readonly title: string
  /** The verb, such as "Link". */
  readonly action: string
  /** Resolves false: something is wrong in the fields, which say so. Stays open with the error when it rejects. */
  readonly onSubmit: () => Promise<boolean>
  readonly onClose: () => void
  readonly appearance?: 'primary' | 'warning' | 'danger'
  readonly children: ReactNode
}

/** Fields in a dialog; Enter sends them. */
export function FormDialog({ title, action, onSubmit, onClose, appearance = 'primary', children }: FormDialogProps) {
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const [refusals, setRefusals] = useState(0)
  const place = useRef<HTMLDivElement | null>(null)
  const attach = useCallback((element: HTMLDivElement | null) => {
    place.current = element
    // Before the dialog looks for what to focus, which would be its cross; a field may have taken the focus itself.
    const form = element?.closest('form')
    if (form?.contains(document.activeElement) === false) form.querySelector<HTMLElement>(TEXT_FIELDS)?.focus()
  }, [])
  // On a small screen it is below what is seen.
  useEffect(() => {
    if (error !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [error])
  useEffect(() => {
    if (refusals > 0) focusFirstWrong(place.current?.closest('form'))
  }, [refusals])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      if (await onSubmit()) onClose()
      else setRefusals((count) => count + 1)
    } catch (cause) {
      setError(cause)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <form className={styles['form']} noValidate onSubmit={(event) => void submit(event)}>
        <ModalHeader hasCloseButton>
          <ModalTitle {...(appearance === 'primary' ? {} : { appearance })}>{title}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          {children}
          <div ref={attach} className={styles['error']} aria-live="polite">
            {error === null ? null : <Failure error={error} title="Nothing was changed" />}
          </div>
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
