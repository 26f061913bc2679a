import CheckCircleIcon from '@atlaskit/icon/core/check-circle'
import CheckCircleUncheckedIcon from '@atlaskit/icon/core/check-circle-unchecked'
import Spinner from '@atlaskit/spinner'
import { useEffect, useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { Section } from '../../ui/page.tsx'
import { Progress } from '../../ui/progress.tsx'
import { toDuration } from '../../ui/times.ts'
import { toShownSteps, type FollowedSync, type ShownStep } from './follow-sync.ts'
import { describeSyncState, STEPS } from './sync-words.ts'
import { SyncLog } from './sync-log.tsx'
import styles from './repository.module.css'

const TICK_MS = 500

interface RunningSyncProps {
  readonly repository: RepositoryJson
  readonly followed: FollowedSync
}

/** A synchronisation that waits or runs: its steps, what it found so far, and what it did while somebody looked. */
export function RunningSync({ repository, followed }: RunningSyncProps) {
  const now = useTicks()
  const { sync } = repository
  const running = sync.state === 'running'
  const steps = toShownSteps(followed, now)
  const current = steps.findIndex(({ state }) => state === 'current')
  const took = running && sync.startedAt !== null ? `, ${toDuration(Math.max(0, now - Date.parse(sync.startedAt)))} so far` : ''
  const title = `${describeSyncState(repository).label}: ${sync.mode === 'full' ? 'full' : 'soft'} sync`
  return (
    <Section title={title}>
      <p className={styles['line']}>{running ? `${followed.found}${took}` : 'It begins by itself when its turn comes.'}</p>
      <Progress label="Progress of the synchronization" value={running && current >= 0 ? current / STEPS.length : null} />
      <div className={styles['running']}>
        <ol className={styles['steps']}>
          {steps.map((step) => (
            <Step key={step.step} shown={step} />
          ))}
        </ol>
        <SyncLog lines={followed.log} />
      </div>
    </Section>
  )
}

function Step({ shown: { label, state, ms } }: { readonly shown: ShownStep }) {
  return (
    <li className={styles['step']} data-state={state} aria-current={state === 'current' ? 'step' : undefined}>
      {state === 'current' ? (
        <Spinner size="small" label="Running" />
      ) : state === 'done' ? (
        <CheckCircleIcon label="Done" color="var(--ds-icon-success)" />
      ) : (
        <CheckCircleUncheckedIcon label="To come" color="var(--ds-icon-subtle)" />
      )}
      <span>{label}</span>
      <span className={styles['duration']}>{ms === null ? '' : toDuration(ms)}</span>
    </li>
  )
}

/** The time in ms, renewed while something runs. */
function useTicks(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
