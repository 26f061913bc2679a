import type { SyncEntryJson } from '../../../src/contract/repository.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { toAbsoluteTime, toDuration } from '../../ui/times.ts'
import { labelOfStep } from './sync-words.ts'
import styles from './repository.module.css'

/** The steps of one synchronisation, and why it failed. */
export function SyncDetail({ entry }: { readonly entry: SyncEntryJson }) {
  const { id, steps, error, startedAt, outcome } = entry
  return (
    <div className={styles['detail']}>
      {error === null ? null : <ProblemNote title="It failed" problem={error} />}
      {steps.length === 0 ? (
        <p className={styles['line']}>{outcome === 'running' ? 'Its steps are told when it has ended.' : 'No step ended.'}</p>
      ) : (
        <ol className={styles['steps']}>
          {steps.map(({ step, startedAt: from, finishedAt: to }, index) => (
            <li key={`${step}-${index}`} className={styles['step']}>
              <span>{labelOfStep(step)}</span>
              <span className={styles['duration']}>{toDuration(Date.parse(to) - Date.parse(from))}</span>
            </li>
          ))}
        </ol>
      )}
      <p className={styles['small']}>
        Synchronization {id}, began {toAbsoluteTime(startedAt)}
        {error === null ? '' : `, error code ${error.code}`}
      </p>
    </div>
  )
}
