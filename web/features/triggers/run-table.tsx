import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { TriggerRunJson } from '../../../src/contract/trigger.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { Happened } from './happened.tsx'
import { RUN_STATES } from './trigger-words.ts'
import styles from './triggers.module.css'

const COLUMNS = [
  { label: 'When' },
  { label: 'Issue' },
  { label: 'What happened' },
  { label: 'Trigger' },
  { label: 'State' },
  { label: 'Outcome' },
]

export function RunTable({ runs }: { readonly runs: readonly TriggerRunJson[] }) {
  return (
    <DataTable label="What triggers did" columns={COLUMNS}>
      {runs.map((run) => (
        <DataRow key={run.id} columns={COLUMNS} cells={toCells(run)} />
      ))}
    </DataTable>
  )
}

function toCells({ at, issue, happened, rule, state, summary, problem }: TriggerRunJson): ReactNode[] {
  const { label, tone } = RUN_STATES[state]
  return [
    <Time key="at" at={at} />,
    <Link key="issue" to="/issues/$issueKey" params={{ issueKey: issue }} className={styles['key']}>
      {issue}
    </Link>,
    <Happened key="happened" happened={happened} />,
    <StrangerText key="rule">{rule.name}</StrangerText>,
    <StateLozenge key="state" tone={tone}>
      {label}
    </StateLozenge>,
    <>
      <div className={styles['outcome']}>
        <StrangerText>{summary}</StrangerText>
      </div>
      {problem === null ? null : (
        <div className={styles['problem']}>
          <StrangerText>{problem.message}</StrangerText>
          {problem.remedy === null ? null : (
            <div className={styles['subtle']}>
              <StrangerText>{problem.remedy}</StrangerText>
            </div>
          )}
        </div>
      )}
    </>,
  ]
}
