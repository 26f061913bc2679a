import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { CheckBox } from '../../../ui/check-box.tsx'
import { Unseen } from '../../../ui/unseen.tsx'
import { RepositoryRow } from './repository-row.tsx'
import type { RowCallbacks } from './row-callbacks.ts'
import { isSelected, type Selection } from './selection.ts'
import styles from './repository-table.module.css'

/** Of a row without trouble; others are measured. */
const ROW_HEIGHT = 60
/** The next page is asked for when so many rows are left below. */
const AHEAD = 60

export interface RepositoryTableProps {
  readonly label: string
  readonly rows: readonly RepositoryJson[]
  /** Also those not loaded yet; null: not known. */
  readonly total: number | null
  readonly selection: Selection
  readonly onSelectLoaded: (selected: boolean) => void
  readonly callbacks: RowCallbacks
  /** null: all rows are there. */
  readonly loadMore: (() => void) | null
  readonly isOld: boolean
}

/** Thousands of repositories, of which only those in sight are in the document. */
export function RepositoryTable(props: RepositoryTableProps) {
  const { label, rows, total, selection, callbacks, loadMore, isOld } = props
  const box = useRef<HTMLDivElement>(null)
  // Its functions change with what they measure, which only a compiler of components would mind: there is none here.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  })
  const visible = virtualizer.getVirtualItems()
  useLoadAhead({ visible, loaded: rows.length, loadMore })
  return (
    <div ref={box} className={styles['box']} data-old={isOld}>
      <div role="table" aria-label={label} aria-rowcount={total === null ? -1 : total + 1} aria-busy={isOld}>
        <Headings rows={rows} selection={selection} onSelectLoaded={props.onSelectLoaded} />
        <div role="rowgroup" className={styles['body']} data-virtual style={{ height: virtualizer.getTotalSize() }}>
          {visible.map(({ index, key, start }) => {
            const repository = rows[index]
            if (repository === undefined) return null
            const selected = isSelected(selection, repository.id)
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                role="row"
                aria-rowindex={index + 2}
                className={styles['row']}
                data-selected={selected}
                data-linked={repository.linked}
                style={{ transform: `translateY(${start}px)` }}
              >
                <RepositoryRow repository={repository} selected={selected} callbacks={callbacks} />
              </div>
            )
          })}
        </div>
      </div>
      {loadMore === null ? null : <output className={styles['more']}>Loading more repositories …</output>}
    </div>
  )
}

function useLoadAhead({
  visible,
  loaded,
  loadMore,
}: {
  visible: readonly VirtualItem[]
  loaded: number
  loadMore: (() => void) | null
}): void {
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (loadMore !== null && last + AHEAD >= loaded) loadMore()
  }, [last, loaded, loadMore])
}

function Headings({ rows, selection, onSelectLoaded }: Pick<RepositoryTableProps, 'rows' | 'selection' | 'onSelectLoaded'>) {
  const selected = selection.kind === 'all' ? rows.length : selection.ids.size
  const all = rows.length > 0 && selected >= rows.length
  return (
    <div role="rowgroup" className={styles['head']}>
      <div role="row" aria-rowindex={1} className={styles['headings']}>
        <div role="columnheader" className={styles['selectHeading']}>
          <CheckBox
            bare
            label="Select all shown repositories"
            checked={all}
            mixed={!all && selected > 0}
            onChange={onSelectLoaded}
          />
          <span className={styles['selectText']} aria-hidden="true">
            Select all
          </span>
        </div>
        <div role="columnheader">Enabled</div>
        <div role="columnheader">Repository</div>
        <div role="columnheader">Last activity</div>
        <div role="columnheader">Smart commits</div>
        <div role="columnheader">Webhook</div>
        <div role="columnheader">
          <Unseen>Actions</Unseen>
        </div>
      </div>
    </div>
  )
}
