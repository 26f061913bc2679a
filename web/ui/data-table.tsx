/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role -- see DataTable: browsers forget them */
import { IconButton } from '@atlaskit/button/new'
import ChevronDownIcon from '@atlaskit/icon/core/chevron-down'
import ChevronRightIcon from '@atlaskit/icon/core/chevron-right'
import { useId, useState, type ReactNode } from 'react'
import { Unseen } from './unseen.tsx'
import styles from './data-table.module.css'
import tableStyles from './table.module.css'

export interface Column {
  readonly label: string
  readonly number?: boolean
}

/**
 * A table that becomes a list of cards where it is narrow. The roles are said because browsers forget them when a table is
 * no longer laid out as one.
 */
export function DataTable({ label, columns, expandable = false, children }: DataTableProps) {
  return (
    <table role="table" className={`${tableStyles['table']} ${styles['cards']}`} aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {expandable ? (
            <th role="columnheader" scope="col" className={styles['toggle']}>
              <Unseen>Details</Unseen>
            </th>
          ) : null}
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col" className={column.number ? tableStyles['number'] : undefined}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  )
}

export interface DataTableProps {
  readonly label: string
  readonly columns: readonly Column[]
  readonly expandable?: boolean
  readonly children: ReactNode
}

export interface DataRowProps {
  readonly columns: readonly Column[]
  /** One for each column. */
  readonly cells: readonly ReactNode[]
  /** What the row opens to; `name` tells screen readers whose details they are. */
  readonly detail?: { readonly name: string; readonly render: () => ReactNode }
}

export function DataRow({ columns, cells, detail }: DataRowProps) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      <tr role="row" className={open ? styles['open'] : undefined}>
        {detail === undefined ? null : (
          <td role="cell" className={styles['toggle']}>
            <IconButton
              icon={open ? ChevronDownIcon : ChevronRightIcon}
              label={`Details of ${detail.name}`}
              appearance="subtle"
              spacing="compact"
              aria-expanded={open}
              aria-controls={open ? id : undefined}
              onClick={() => setOpen(!open)}
            />
          </td>
        )}
        {columns.map((column, index) => (
          <td
            key={column.label}
            role="cell"
            data-label={column.label}
            data-number={column.number || undefined}
            className={column.number ? tableStyles['number'] : undefined}
          >
            <div>{cells[index]}</div>
          </td>
        ))}
      </tr>
      {detail !== undefined && open ? (
        <tr role="row" id={id} className={styles['detail']}>
          <td role="cell" colSpan={columns.length + 1}>
            {detail.render()}
          </td>
        </tr>
      ) : null}
    </>
  )
}
