import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { DeliveryJson } from '../../../src/contract/delivery.ts'
import { DataRow, DataTable, type Column } from '../data-table.tsx'
import { StateLozenge } from '../state-lozenge.tsx'
import { Time } from '../time.tsx'
import { DeliveryDetail } from './delivery-detail.tsx'
import { describeWrite, STATES } from './delivery-words.ts'
import styles from './deliveries.module.css'

const COLUMNS: Readonly<Record<DeliveryJson['direction'], readonly Column[]>> = {
  in: [{ label: 'Received' }, { label: 'Event' }, { label: 'Account' }, { label: 'State' }, { label: 'Problem' }],
  out: [{ label: 'Written' }, { label: 'Issue' }, { label: 'What' }, { label: 'State' }, { label: 'Problem' }],
}

export interface DeliveryTableProps {
  readonly direction: DeliveryJson['direction']
  readonly deliveries: readonly DeliveryJson[]
}

/** Webhooks received or writes to Jira, each of which opens to its details. */
export function DeliveryTable({ direction, deliveries }: DeliveryTableProps) {
  const columns = COLUMNS[direction]
  return (
    <DataTable label={direction === 'in' ? 'Webhooks received' : 'Writes to Jira'} columns={columns} expandable>
      {deliveries.map((delivery) => (
        <DataRow
          key={delivery.id}
          columns={columns}
          cells={toCells(delivery)}
          detail={{ name: delivery.id, render: () => <DeliveryDetail delivery={delivery} /> }}
        />
      ))}
    </DataTable>
  )
}

function toCells(delivery: DeliveryJson): ReactNode[] {
  const { label, tone } = STATES[delivery.state]
  const state = <StateLozenge tone={delivery.direction === 'out' && tone === 'warning' ? 'danger' : tone}>{label}</StateLozenge>
  const problem = delivery.error === null ? null : <span className={styles['problem']}>{delivery.error.message}</span>
  if (delivery.direction === 'out') {
    const { issue } = delivery
    const panel =
      issue === null ? (
        '–'
      ) : (
        <Link to="/issues/$issueKey" params={{ issueKey: issue }}>
          {issue}
        </Link>
      )
    return [<Time key="" at={delivery.writtenAt} />, panel, describeWrite(delivery.kind), state, problem]
  }
  return [<Time key="" at={delivery.receivedAt} />, delivery.event, delivery.accountId, state, problem]
}
