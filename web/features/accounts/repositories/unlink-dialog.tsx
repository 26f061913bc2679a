import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'

interface UnlinkDialogProps {
  /** null: all that the filter finds. */
  readonly count: number | null
  readonly onUnlink: () => Promise<unknown>
  readonly onClose: () => void
}

export function UnlinkDialog({ count, onUnlink, onClose }: UnlinkDialogProps) {
  return (
    <ConfirmDialog
      title={`Unlink ${describeRepositories(count)}?`}
      action="Unlink"
      appearance="warning"
      onConfirm={onUnlink}
      onClose={onClose}
    >
      <p>
        Issues no longer show what these repositories tell, their webhooks are removed, and they are not synchronized any more.
        What was imported is kept: linking them again brings it back.
      </p>
    </ConfirmDialog>
  )
}

/** How many are meant; null: all that the filter finds. */
export function describeRepositories(count: number | null): string {
  if (count === null) return 'all matching repositories'
  return `${count.toLocaleString('en')} ${count === 1 ? 'repository' : 'repositories'}`
}
