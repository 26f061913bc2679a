import Button from '@atlaskit/button/new'
import { useState } from 'react'
import type { BulkAction, Selection } from './selection.ts'
import styles from './bulk-bar.module.css'

interface BulkBarProps {
  readonly selection: Selection
  readonly loaded: number
  /** All that the filter finds; null: not known. */
  readonly total: number | null
  readonly onSelectAll: () => void
  readonly onClear: () => void
  readonly onAct: (action: BulkAction) => Promise<void>
  readonly onAsk: (action: AskedFirst) => void
}

/** What asks before it begins. */
export type AskedFirst = 'unlink' | 'full-sync'

const ACTIONS: readonly { readonly label: string; readonly action: BulkAction | AskedFirst }[] = [
  { label: 'Link', action: { change: { linked: true } } },
  { label: 'Unlink…', action: 'unlink' },
  { label: 'Soft sync', action: { sync: 'soft' } },
  { label: 'Full sync…', action: 'full-sync' },
  { label: 'Smart commits on', action: { change: { smartCommits: true } } },
  { label: 'Smart commits off', action: { change: { smartCommits: false } } },
]

/** What can be done with the selected rows, or with all that the filter finds. */
export function BulkBar({ selection, loaded, total, onSelectAll, onClear, onAct, onAsk }: BulkBarProps) {
  const [busy, setBusy] = useState<string | null>(null)
  const count = selection.kind === 'all' ? total : selection.ids.size
  const act = async (label: string, action: BulkAction) => {
    setBusy(label)
    await onAct(action).finally(() => setBusy(null))
  }
  const canSelectAll = selection.kind === 'rows' && total !== null && total > loaded && selection.ids.size >= loaded
  return (
    <div role="group" aria-label="Selected repositories" className={styles['bar']}>
      <output className={styles['count']}>
        {count === null ? 'All matching repositories' : `${count.toLocaleString('en')} selected`}
      </output>
      {canSelectAll ? (
        <Button spacing="compact" appearance="subtle" onClick={onSelectAll}>
          Select all {total.toLocaleString('en')} matching
        </Button>
      ) : null}
      <div className={styles['actions']}>
        {ACTIONS.map(({ label, action }) => (
          <Button
            key={label}
            spacing="compact"
            isLoading={busy === label}
            isDisabled={busy !== null && busy !== label}
            onClick={() => (typeof action === 'string' ? onAsk(action) : void act(label, action))}
          >
            {label}
          </Button>
        ))}
      </div>
      <Button spacing="compact" appearance="subtle" onClick={onClear}>
        Clear selection
      </Button>
    </div>
  )
}
