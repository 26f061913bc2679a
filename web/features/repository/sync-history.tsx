import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { SyncEntryJson } from '../../../src/contract/repository.ts'
import { DataRow, DataTable, type Column } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toDuration } from '../../ui/times.ts'
import { syncsQuery } from './queries.ts'
import { SyncDetail } from './sync-detail.tsx'
import { describeAsker, describeFound, describeTrigger, OUTCOMES } from './sync-words.ts'
import styles from './repository.module.css'

const COLUMNS: readonly Column[] = [
  { label: 'Began' },
  { label: 'Why' },
  { label: 'Mode' },
  { label: 'Took', number: true },
  { label: 'Requests', number: true },
  { label: 'Found' },
  { label: 'Outcome' },
]

/** The audit log of synchronisations, newest first. */
export function SyncHistory({ repositoryId }: { readonly repositoryId: string }) {
  const { query, items } = usePages(syncsQuery(repositoryId))
  return (
    <Section title="Sync history">
      <QueryView query={query}>
        {() =>
          items.length === 0 ? (
            <p className={styles['line']}>It was not synchronized yet.</p>
          ) : (
            <>
              <DataTable label="Synchronizations" columns={COLUMNS} expandable>
                {items.map((entry) => (
                  <DataRow
                    key={entry.id}
                    columns={COLUMNS}
                    cells={toCells(entry)}
                    detail={{ name: `synchronization ${entry.id}`, render: () => <SyncDetail entry={entry} /> }}
                  />
                ))}
              </DataTable>
              <ShowMore query={query} what="synchronizations" />
            </>
          )
        }
      </QueryView>
    </Section>
  )
}

function toCells(entry: SyncEntryJson): ReactNode[] {
  const { startedAt, finishedAt, mode, requests, progress, outcome, error } = entry
  const { label, tone } = OUTCOMES[outcome]
  return [
    <Time key="" at={startedAt} />,
    <Cause key="" entry={entry} />,
    mode === 'full' ? 'Full' : 'Soft',
    finishedAt === null ? '–' : toDuration(Date.parse(finishedAt) - Date.parse(startedAt)),
    requests.toLocaleString(),
    describeFound(progress),
    <div key="">
      <StateLozenge tone={tone}>{label}</StateLozenge>
      {error === null ? null : <div className={styles['error']}>{error.message}</div>}
    </div>,
  ]
}

function Cause({ entry: { trigger, askedBy } }: { readonly entry: SyncEntryJson }) {
  if (askedBy?.delivery)
    return <Link to="/deliveries" search={{ delivery: askedBy.delivery }}>{`Webhook ${askedBy.delivery}`}</Link>
  const asker = describeAsker(askedBy)
  return <>{asker === null ? describeTrigger(trigger) : `${describeTrigger(trigger)}: ${asker}`}</>
}
