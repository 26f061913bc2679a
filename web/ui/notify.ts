import { useFlags } from '@atlaskit/flag'
import { createElement, useMemo } from 'react'
import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import StatusSuccessIcon from '@atlaskit/icon/core/status-success'
import { describeError } from './states.tsx'

export interface Notify {
  /** Goes by itself. */
  readonly done: (title: string, description?: string) => void
  /** Stays until it is closed: somebody must read it. */
  readonly failed: (title: string, error: unknown) => void
}

/** Short messages about what somebody just did. */
export function useNotify(): Notify {
  const { showFlag } = useFlags()
  return useMemo(
    () => ({
      done(title, description) {
        showFlag({
          title,
          ...(description === undefined ? {} : { description }),
          isAutoDismiss: true,
          icon: createElement(StatusSuccessIcon, { label: 'Done', color: 'var(--ds-icon-success)' as 'currentColor' }),
        })
      },
      failed(title, error) {
        const { message, remedy, requestId } = describeError(error)
        const request = requestId === null ? null : `Request ${requestId} in the connector’s log.`
        showFlag({
          title,
          description: [message, remedy, request].filter((part) => part !== null).join(' '),
          isAutoDismiss: false,
          icon: createElement(StatusErrorIcon, { label: 'Failed', color: 'var(--ds-icon-danger)' as 'currentColor' }),
        })
      },
    }),
    [showFlag],
  )
}
