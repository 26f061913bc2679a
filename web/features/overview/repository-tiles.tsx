import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Section } from '../../ui/page.tsx'
import type { RepositoryState } from './queries.ts'
import { RepositoriesInState } from './repositories-in-state.tsx'
import styles from './overview.module.css'

const STATES: readonly { readonly state: RepositoryState; readonly label: string; readonly tone: string }[] = [
  { state: 'running', label: 'Syncing', tone: 'information' },
  { state: 'queued', label: 'Queued', tone: 'information' },
  { state: 'retrying', label: 'Waiting to retry', tone: 'warning' },
  { state: 'paused', label: 'Paused', tone: 'warning' },
  { state: 'failing', label: 'Failing', tone: 'danger' },
]

const WEBHOOKS = [
  { state: 'live', label: 'Live by webhook', tone: 'success' },
  { state: 'polling', label: 'Polled', tone: 'warning' },
  { state: 'broken', label: 'Webhook broken', tone: 'danger' },
  { state: 'off', label: 'Webhook off', tone: 'neutral' },
] as const

/** Repositories counted by what they do and how their changes arrive; each count leads to those that it counts. */
export function RepositoryTiles({ repositories }: { readonly repositories: OverviewJson['repositories'] }) {
  const [open, setOpen] = useState<RepositoryState | null>(null)
  const { states, webhooks, linked, total } = repositories
  return (
    <Section title="Repositories">
      <p className={styles['note']}>
        <Link to="/accounts">
          {linked.toLocaleString()} of {total.toLocaleString()} linked
        </Link>
      </p>
      <h3 className={styles['group']}>How changes arrive</h3>
      <div className={styles['tiles']}>
        {WEBHOOKS.map(({ state, label, tone }) => (
          <Link key={state} to="/accounts" className={styles['tile']} data-tone={webhooks[state] === 0 ? 'none' : tone}>
            <b className={styles['count']}>{webhooks[state].toLocaleString()}</b>
            <span>{label}</span>
          </Link>
        ))}
      </div>
      <h3 className={styles['group']}>Synchronization</h3>
      <div className={styles['tiles']}>
        {STATES.map(({ state, label, tone }) => (
          <button
            key={state}
            type="button"
            className={styles['tile']}
            data-tone={states[state] === 0 ? 'none' : tone}
            aria-expanded={open === state}
            onClick={() => setOpen(open === state ? null : state)}
          >
            <b className={styles['count']}>{states[state].toLocaleString()}</b>
            <span>{label}</span>
          </button>
        ))}
      </div>
      {open === null ? null : (
        <RepositoriesInState
          key={open}
          state={open}
          label={STATES.find(({ state }) => state === open)?.label ?? ''}
          count={states[open]}
        />
      )}
    </Section>
  )
}
