import Button from '@atlaskit/button/new'
import { useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { useRepositoryActions } from './use-repository-actions.ts'

/** Soft at once, full after a question; cancel while something waits or runs. */
export function SyncButtons({ repository }: { readonly repository: RepositoryJson }) {
  const [asked, setAsked] = useState(false)
  const { busy, sync, cancel } = useRepositoryActions(repository.id)
  const notify = useNotify()
  const { state } = repository.sync
  const disabled = !repository.linked
  return (
    <>
      {state === 'idle' ? null : (
        <Button
          appearance="subtle"
          onClick={() => void cancel().catch((error: unknown) => notify.failed('The sync goes on', error))}
        >
          Cancel sync
        </Button>
      )}
      <Button isDisabled={disabled} onClick={() => setAsked(true)}>
        Full sync
      </Button>
      <Button
        appearance="primary"
        isDisabled={disabled}
        isLoading={busy && !asked}
        onClick={() => void sync('soft').catch((error: unknown) => notify.failed('Nothing is synced', error))}
      >
        Sync now
      </Button>
      {asked ? (
        <ConfirmDialog
          title="Start a full synchronization?"
          action="Start full sync"
          onConfirm={() => sync('full')}
          onClose={() => setAsked(false)}
        >
          <p>
            <b>Sync now</b> synchronizes what changed since the last synchronization. It is the recommended option, with little
            influence on the Git host.
          </p>
          <p>
            A <b>full</b> synchronization reads everything again beside the existing data and replaces it at the end: nothing
            disappears from issues meanwhile. It takes longer and makes more requests to the Git host. What Jira holds is compared
            as well.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}
