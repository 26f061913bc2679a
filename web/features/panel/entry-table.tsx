import { useId, type ReactNode } from 'react'
import { entryKey, type Entry, type Kind } from './development.ts'
import styles from './entry-table.module.css'
import { useRemembered } from './remembered.tsx'
import type { RowPlace } from './row-place.ts'
import { VirtualRows } from './virtual-rows.tsx'

/** More rows than that are only there while they are near what is seen. */
const MOST_ROWS_AT_ONCE = 200

/** What opens and closes the detail below a row. */
export interface RowDetail {
  readonly open: boolean
  readonly toggle: () => void
  readonly id: string
}

export interface Column<K extends Kind> {
  readonly label: string
  readonly width?: 'id' | 'number' | 'tight' | 'person' | 'people' | 'wide'
  readonly cell: (entry: Entry<K>, detail: RowDetail) => ReactNode
}

export interface EntryTableProps<K extends Kind> {
  readonly caption: string
  readonly columns: readonly Column<K>[]
  readonly entries: readonly Entry<K>[]
  readonly detail?: ((entry: Entry<K>) => ReactNode) | undefined
}

/** A table as in the original's dialogs; cards where it is narrow. */
export function EntryTable<K extends Kind>({ caption, columns, entries, detail }: EntryTableProps<K>) {
  const row = (entry: Entry<K>, at: RowPlace = {}) => (
    <EntryRow key={entryKey(entry)} entry={entry} columns={columns} detail={detail} {...at} />
  )
  const virtual = entries.length > MOST_ROWS_AT_ONCE
  return (
    <div className={styles['frame']}>
      <table
        className={styles['table']}
        aria-label={caption}
        aria-rowcount={entries.length + 1}
        data-virtual={virtual || undefined}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ label, width }) => (
              <th key={label} scope="col" className={width === undefined ? undefined : styles[width]}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        {virtual ? <VirtualRows entries={entries}>{row}</VirtualRows> : entries.map((entry, index) => row(entry, { index }))}
      </table>
    </div>
  )
}

interface EntryRowProps<K extends Kind> extends Pick<EntryTableProps<K>, 'columns' | 'detail'>, RowPlace {
  readonly entry: Entry<K>
}

function EntryRow<K extends Kind>({ entry, columns, detail, index = 0, measure }: EntryRowProps<K>) {
  const detailId = useId()
  const [open, setOpen] = useRemembered(`detail ${entryKey(entry)}`)
  const controls = { open, toggle: () => setOpen(!open), id: detailId }
  const dim = ('merge' in entry && entry.merge) || ('hidden' in entry && entry.hidden)
  return (
    // One body a row, so that a row is measured together with its detail.
    <tbody ref={measure} data-index={index} className={`${styles['row']} ${dim ? styles['dim'] : ''}`}>
      <tr aria-rowindex={index + 2}>
        {columns.map(({ label, cell }) => (
          <td key={label} data-label={label}>
            <div className={styles['cell']}>{cell(entry, controls)}</div>
          </td>
        ))}
      </tr>
      {detail === undefined || !open ? null : (
        <tr>
          <td colSpan={columns.length} id={detailId} className={styles['detail']}>
            {detail(entry)}
          </td>
        </tr>
      )}
    </tbody>
  )
}
