import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { describeRepositories } from './unlink-dialog.tsx'

interface FullSyncDialogProps {
  /** null: all that the filter finds. */
  readonly count: number | null
  readonly onSync: () => Promise<unknown>
  readonly onClose: () => void
}

/** Of many at once it is hours of work, for the Git host too. */
export function FullSyncDialog({ count, onSync, onClose }: FullSyncDialogProps) {
  return (
    <ConfirmDialog
      title={`Synchronize ${describeRepositories(count)} in full?`}
      action="Start full sync"
      appearance="warning"
      onConfirm={onSync}
      onClose={onClose}
    >
      <p>
        Everything is read again beside the existing data, which stays visible until the end. This makes many requests to the Git
        host and may take hours; a soft synchronization finds what has changed with far less.
      </p>
    </ConfirmDialog>
  )
}
