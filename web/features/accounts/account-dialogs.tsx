import { lazy, Suspense } from 'react'
import type { AccountDialogProps } from './dialogs/account-dialog-props.ts'

const ProjectsDialog = lazy(() => import('./dialogs/projects-dialog.tsx').then((module) => ({ default: module.ProjectsDialog })))
const GlobsDialog = lazy(() => import('./dialogs/globs-dialog.tsx').then((module) => ({ default: module.GlobsDialog })))
const CredentialsDialog = lazy(() =>
  import('./dialogs/credentials-dialog.tsx').then((module) => ({ default: module.CredentialsDialog })),
)
const RotateDialog = lazy(() => import('./dialogs/rotate-dialog.tsx').then((module) => ({ default: module.RotateDialog })))
const WebhooksDialog = lazy(() => import('./dialogs/webhooks-dialog.tsx').then((module) => ({ default: module.WebhooksDialog })))
const DeleteDialog = lazy(() => import('./dialogs/delete-dialog.tsx').then((module) => ({ default: module.DeleteDialog })))

const DIALOGS = {
  projects: ProjectsDialog,
  globs: GlobsDialog,
  credentials: CredentialsDialog,
  rotate: RotateDialog,
  webhooks: WebhooksDialog,
  delete: DeleteDialog,
} as const

export type AccountDialogName = keyof typeof DIALOGS

/** The dialog that is open, loaded when it is first wanted. */
export function AccountDialog({ name, ...props }: AccountDialogProps & { readonly name: AccountDialogName | null }) {
  if (name === null) return null
  const Dialog = DIALOGS[name]
  return (
    <Suspense fallback={null}>
      <Dialog {...props} />
    </Suspense>
  )
}
