import Button from '@atlaskit/button/new'
import SectionMessage from '@atlaskit/section-message'
import { Link } from '@tanstack/react-router'
import type { UseMutationResult } from '@tanstack/react-query'
import { useId } from 'react'
import type { TriggerDryRunJson } from '../../../src/contract/trigger.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { StateLozenge, type Tone } from '../../ui/state-lozenge.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { Happened } from './happened.tsx'
import styles from './triggers.module.css'

const COLUMNS = [{ label: 'Issue' }, { label: 'What happened' }, { label: 'When' }, { label: 'Today it would' }]

type Outcome = TriggerDryRunJson['examples'][number]['outcome']

const OUTCOMES: Readonly<Record<Outcome, { readonly label: string; readonly tone: Tone }>> = {
  acts: { label: 'act', tone: 'success' },
  skipped: { label: 'skip it', tone: 'warning' },
  'not-for-issue': { label: 'not fit', tone: 'neutral' },
}

export interface DryRunProps {
  readonly trial: Pick<UseMutationResult<TriggerDryRunJson>, 'data' | 'error' | 'isError' | 'isPending'>
  /** The fields were changed since. */
  readonly isOld: boolean
  readonly onTry: () => void
}

/** What the rule would have done of late. */
export function DryRun({ trial, isOld, onTry }: DryRunProps) {
  const { data, error, isError, isPending } = trial
  const id = useId()
  return (
    <section className={styles['trial']} aria-labelledby={id}>
      <div className={styles['trialHead']}>
        <h2 id={id}>Before you save</h2>
        <Button isLoading={isPending} onClick={onTry}>
          Try it
        </Button>
      </div>
      <div aria-live="polite" aria-busy={isPending}>
        {isPending ? <Loading label="Looking at the last two weeks …" /> : null}
        {isError ? <Failure error={error} title="It could not be tried" /> : null}
        {data === undefined ? (
          <p className={styles['subtle']}>
            {isPending || isError
              ? null
              : '“Try it” looks at what happened within the last two weeks and says what this trigger would do with those issues as they are today. Nothing is changed, in Jira or here.'}
          </p>
        ) : (
          <Result result={data} isOld={isOld} />
        )}
      </div>
    </section>
  )
}

function Result({ result, isOld }: { readonly result: TriggerDryRunJson; readonly isOld: boolean }) {
  const { matched, complete, note, examples } = result
  return (
    <>
      {isOld ? (
        <SectionMessage appearance="warning" title="The trigger was changed since" headingLevel="h3">
          <p>Try it again to see what it would do now.</p>
        </SectionMessage>
      ) : null}
      <p>
        <strong>{count(matched)}</strong> within the last two weeks.
        {complete ? '' : ' There were more than were looked at: the numbers are too low.'}
      </p>
      {note === null ? null : <p className={styles['subtle']}>{note}</p>}
      {examples.length === 0 ? null : (
        <>
          <p className={styles['subtle']}>The newest, each issue once. In the list, triggers above this one go first.</p>
          <DataTable label="Examples" columns={COLUMNS}>
            {examples.map(({ issue, happened, outcome, text }) => (
              <DataRow
                key={issue}
                columns={COLUMNS}
                cells={[
                  <Link key="issue" to="/issues/$issueKey" params={{ issueKey: issue }} className={styles['key']}>
                    {issue}
                  </Link>,
                  <Happened key="happened" happened={happened} />,
                  <Time key="at" at={happened.at} />,
                  <>
                    <StateLozenge tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].label}</StateLozenge>
                    <div className={styles['reason']}>
                      <StrangerText>{text}</StrangerText>
                    </div>
                  </>,
                ]}
              />
            ))}
          </DataTable>
        </>
      )}
    </>
  )
}

const numbers = new Intl.NumberFormat('en')

function count(matched: number): string {
  if (matched === 0) return 'Nothing fitted'
  return matched === 1 ? 'One event with an issue fitted' : `${numbers.format(matched)} events with issues fitted`
}
