import { useQuery } from '@tanstack/react-query'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { Progress } from '../../../ui/progress.tsx'
import { useNow } from '../../../ui/time.tsx'
import { toDuration } from '../../../ui/times.ts'
import { lastSyncsQuery } from '../queries.ts'
import { estimateSync, STEP_LABELS } from './sync-estimate.ts'
import styles from './repository-row.module.css'

/** A synchronisation that runs: where it is, what it found, how long it may take. */
export function SyncProgress({ repository: { id, name, sync } }: { readonly repository: RepositoryJson }) {
  const { data } = useQuery(lastSyncsQuery(id))
  const now = useNow()
  const { share, leftMs } = estimateSync(sync, data?.items ?? [], now)
  const { commits, branches, pullRequests, issues } = sync.progress
  const step = sync.step === null ? 'Starting' : STEP_LABELS[sync.step]
  return (
    <div className={styles['progress']}>
      <div>
        <strong>Synchronizing</strong>
        {sync.mode === 'full' ? ' fully' : ''}: {step}
        {leftMs === null ? null : <span className={styles['subtle']}> · about {toDuration(Math.max(leftMs, 1_000))} left</span>}
      </div>
      <Progress label={`Synchronization of ${name}`} value={share} />
      <div className={styles['small']}>
        {count(commits, 'commit')}, {count(branches, 'branch', 'branches')}, {count(pullRequests, 'merge request')},{' '}
        {count(issues, 'issue')} found
      </div>
    </div>
  )
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}
