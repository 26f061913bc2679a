import RefreshIcon from '@atlaskit/icon/core/refresh'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { Time } from '../../../ui/time.tsx'
import { Unseen } from '../../../ui/unseen.tsx'
import { SyncProgress } from './sync-progress.tsx'
import styles from './repository-row.module.css'

interface LastActivityProps {
  readonly repository: RepositoryJson
  readonly onSync: (repository: RepositoryJson) => void
  /** Shift+click, as people know it. */
  readonly onChooseSync: (repository: RepositoryJson) => void
}

/** When something happened last; a click synchronises. Meanwhile: how far it is, or what went wrong. */
export function LastActivity({ repository, onSync, onChooseSync }: LastActivityProps) {
  const { sync, linked } = repository
  if (sync.state === 'running') return <SyncProgress repository={repository} />
  return (
    <>
      {linked ? (
        <button
          type="button"
          className={styles['sync']}
          onClick={({ shiftKey }) => (shiftKey ? onChooseSync(repository) : onSync(repository))}
        >
          <Unseen>Synchronize {repository.name}: </Unseen>
          <span className={styles['when']}>
            <Time at={repository.lastActivity} fallback="No activity yet" />
            <WaitingState state={sync.state} />
          </span>
          <span className={styles['small']}>
            <span className={styles['atRest']}>{describeLastSync(repository)}</span>
            <span className={styles['onHover']}>
              <RefreshIcon label="" color="currentColor" size="small" /> Click to sync repository
            </span>
          </span>
        </button>
      ) : (
        <div className={styles['notLinked']}>
          <Time at={repository.lastActivity} fallback="No activity yet" />
          {repository.leftOut === null ? null : <div className={styles['small']}>{repository.leftOut}</div>}
        </div>
      )}
      {linked ? <SyncError sync={sync} /> : null}
    </>
  )
}

function describeLastSync({ sync }: RepositoryJson) {
  if (sync.finishedAt === null) return 'Not synchronized yet'
  return (
    <>
      Synchronized <Time at={sync.finishedAt} />
    </>
  )
}

function WaitingState({ state }: { readonly state: RepositoryJson['sync']['state'] }) {
  switch (state) {
    case 'queued':
      return <span className={styles['mark']}>Queued</span>
    case 'retrying':
      return <span className={styles['mark']}>Waiting to retry</span>
    case 'paused':
      return <span className={styles['mark']}>Paused</span>
    case 'idle':
    case 'running':
      return null
  }
}

function SyncError({ sync: { error, state } }: { readonly sync: RepositoryJson['sync'] }) {
  if (error === null) return null
  if (error.code === 'cancelled') return <div className={styles['small']}>The last synchronization was cancelled.</div>
  return (
    <div className={styles['error']}>
      <strong>{state === 'paused' ? 'Sync paused: ' : 'Sync failed: '}</strong>
      {error.message}
      {error.remedy === null ? null : <div className={styles['remedy']}>{error.remedy}</div>}
    </div>
  )
}
