import TextField from '@atlaskit/textfield'
import SearchIcon from '@atlaskit/icon/core/search'
import { useId } from 'react'
import type { RepositorySummaryJson } from '../../../../src/contract/repository-bulk.ts'
import { Select } from '../../../ui/form.tsx'
import { countOf, STATE_FILTERS, type RepositoryFilter } from './repository-filter.ts'
import styles from './repository-filters.module.css'

interface RepositoryFiltersProps {
  readonly filter: RepositoryFilter
  readonly onChange: (filter: RepositoryFilter) => void
  readonly summary: RepositorySummaryJson | undefined
  readonly accountName: string
}

/** By name and by state, with how many there are of each. */
export function RepositoryFilters({ filter, onChange, summary, accountName }: RepositoryFiltersProps) {
  const id = useId()
  const options = STATE_FILTERS.map(({ value, label }) => ({
    value,
    label: summary === undefined ? label : `${label} (${countOf(value, summary).toLocaleString('en')})`,
  }))
  return (
    <div role="search" aria-label={`Repositories of ${accountName}`} className={styles['filters']}>
      <div className={styles['text']}>
        <TextField
          type="search"
          aria-label={`Search repositories of ${accountName}`}
          placeholder="Search repositories"
          value={filter.text}
          maxLength={200}
          spellCheck={false}
          isCompact
          elemBeforeInput={
            <span className={styles['icon']}>
              <SearchIcon label="" color="currentColor" />
            </span>
          }
          onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
        />
      </div>
      <label htmlFor={id} className={styles['label']}>
        Show
      </label>
      <Select compact id={id} value={filter.state} options={options} onChange={(state) => onChange({ ...filter, state })} />
      {summary === undefined ? null : <output className={styles['count']}>{describe(summary)}</output>}
    </div>
  )
}

function describe({ total, linked, states: { failing, running, queued } }: RepositorySummaryJson): string {
  const parts = [`${number(linked)} of ${number(total)} linked`]
  if (failing > 0) parts.push(`${number(failing)} failing`)
  if (running > 0) parts.push(`${number(running)} syncing`)
  if (queued > 0) parts.push(`${number(queued)} queued`)
  return parts.join(', ')
}

const number = (count: number) => count.toLocaleString('en')
