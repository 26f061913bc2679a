import Button from '@atlaskit/button/new'
import Modal, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog'
import { useId, useState } from 'react'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import type { SyncMode } from './use-repository-actions.ts'
import styles from './dialogs.module.css'

interface SyncDialogProps {
  readonly repository: RepositoryJson
  readonly initial: SyncMode
  readonly onSync: (mode: SyncMode) => void
  readonly onClose: () => void
}

const MODES: readonly { readonly mode: SyncMode; readonly label: string; readonly text: string }[] = [
  {
    mode: 'soft',
    label: 'Soft synchronization',
    text: 'Synchronizes what changed since the last synchronization. It is the recommended option, with little influence on the Git host.',
  },
  {
    mode: 'full',
    label: 'Full synchronization',
    text: 'Reads everything again beside the existing data, and takes its place at the end: nothing disappears from issues meanwhile. It takes longer and makes more requests to the Git host. What Jira holds is compared as well.',
  },
]

/** Which of the two synchronisations, with what each does. */
export function SyncDialog({ repository, initial, onSync, onClose }: SyncDialogProps) {
  const [mode, setMode] = useState(initial)
  const id = useId()
  return (
    <Modal onClose={onClose} shouldReturnFocus>
      <ModalHeader hasCloseButton>
        <ModalTitle>Synchronize {repository.name}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <fieldset className={styles['choices']} aria-label="Kind of synchronization">
          {MODES.map((choice) => (
            <div key={choice.mode} className={styles['choice']}>
              <input
                type="radio"
                id={`${id}-${choice.mode}`}
                name={id}
                checked={mode === choice.mode}
                autoFocus={initial === choice.mode}
                aria-describedby={`${id}-${choice.mode}-text`}
                onChange={() => setMode(choice.mode)}
              />
              <div>
                <label htmlFor={`${id}-${choice.mode}`}>{choice.label}</label>
                <div id={`${id}-${choice.mode}-text`} className={styles['explanation']}>
                  {choice.text}
                </div>
              </div>
            </div>
          ))}
        </fieldset>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onClose}>
          Cancel
        </Button>
        <Button
          appearance="primary"
          onClick={() => {
            onSync(mode)
            onClose()
          }}
        >
          Start sync
        </Button>
      </ModalFooter>
    </Modal>
  )
}
