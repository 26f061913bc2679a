import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { Section } from '../../ui/page.tsx'
import type { RepositoryState } from './queries.ts'
import { RepositoriesInState } from './repositories-in-state.tsx'
import styles from './overview.module.css'

interface Tile {
  readonly name: string
  readonly label: string
  readonly tone: string
  readonly state: RepositoryState
  readonly count: number
}

type Counts = OverviewJson['repositories']

const toWebhookTiles = ({ webhooks }: Counts): readonly Tile[] => [
  { name: 'live', label: 'Live by webhook', tone: 'success', state: { webhook: 'live' }, count: webhooks.live },
  { name: 'polling', label: 'Polled', tone: 'warning', state: { webhook: 'polling' }, count: webhooks.polling },
  { name: 'broken', label: 'Webhook broken', tone: 'danger', state: { webhook: 'broken' }, count: webhooks.broken },
  { name: 'off', label: 'Webhook off', tone: 'neutral', state: { webhook: 'off' }, count: webhooks.off },
]

const toSyncTiles = ({ states }: Counts): readonly Tile[] => [
  { name: 'running', label: 'Syncing', tone: 'information', state: { state: 'running' }, count: states.running },
  { name: 'queued', label: 'Queued', tone: 'information', state: { state: 'queued' }, count: states.queued },
  { name: 'retrying', label: 'Waiting to retry', tone: 'warning', state: { state: 'retrying' }, count: states.retrying },
  { name: 'paused', label: 'Paused', tone: 'warning', state: { state: 'paused' }, count: states.paused },
  { name: 'failing', label: 'Failing', tone: 'danger', state: { state: 'failing' }, count: states.failing },
]

/** Repositories counted by what they do and how their changes arrive; each count opens the list of those that it counts. */
export function RepositoryTiles({ repositories }: { readonly repositories: Counts }) {
  const [open, setOpen] = useState<string | null>(null)
  const { linked, total } = repositories
  const toggle = (name: string) => setOpen(open === name ? null : name)
  return (
    <Section title="Repositories">
      <p className={styles['note']}>
        <Link to="/accounts">
          {linked.toLocaleString()} of {total.toLocaleString()} linked
        </Link>
      </p>
      <Tiles title="How changes arrive" tiles={toWebhookTiles(repositories)} open={open} onToggle={toggle} />
      <Tiles title="Synchronization" tiles={toSyncTiles(repositories)} open={open} onToggle={toggle} />
    </Section>
  )
}

interface TilesProps {
  readonly title: string
  readonly tiles: readonly Tile[]
  readonly open: string | null
  readonly onToggle: (name: string) => void
}

function Tiles({ title, tiles, open, onToggle }: TilesProps) {
  const id = useId()
  const opened = tiles.find(({ name }) => name === open)
  return (
    <>
      <h3 className={styles['group']}>{title}</h3>
      <div className={styles['tiles']}>
        {tiles.map(({ name, label, tone, count }) => (
          <button
            key={name}
            type="button"
            className={styles['tile']}
            data-tone={count === 0 ? 'none' : tone}
            aria-expanded={open === name}
            aria-controls={open === name ? id : undefined}
            onClick={() => onToggle(name)}
          >
            <b className={styles['count']}>{count.toLocaleString()}</b>
            <span>{label}</span>
          </button>
        ))}
      </div>
      <div id={id}>
        {opened === undefined ? null : (
          <RepositoriesInState key={opened.name} state={opened.state} label={opened.label} count={opened.count} />
        )}
      </div>
    </>
  )
}
