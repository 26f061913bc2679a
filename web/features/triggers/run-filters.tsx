import { useState } from 'react'
import type { TriggerJson } from '../../../src/contract/trigger.ts'
import { SelectInput, TextInput } from '../../ui/form.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { ISSUE_KEY, type RunFilter } from './run-filter.ts'
import { RUN_STATES, type RunState } from './trigger-words.ts'
import styles from './triggers.module.css'

const STATE_OPTIONS: readonly { readonly value: RunState | 'all'; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  ...(Object.keys(RUN_STATES) as RunState[]).map((value) => ({ value, label: RUN_STATES[value].label })),
]

export interface RunFiltersProps {
  readonly rules: readonly TriggerJson[]
  readonly filter: RunFilter
  readonly onChange: (filter: RunFilter) => void
}

export function RunFilters({ rules, filter, onChange }: RunFiltersProps) {
  const [text, setText] = useState(filter.issue ?? '')
  const { rule, state, issue } = filter
  const known = rules.map(({ id, name }) => ({ value: id, label: toVisibleText(name) }))
  const gone = rule === undefined || rules.some(({ id }) => id === rule) ? [] : [{ value: rule, label: `${rule} (deleted)` }]
  const typed = text.trim()
  const isKey = ISSUE_KEY.test(typed)
  const type = (next: string) => {
    setText(next)
    const { issue: _, ...others } = filter
    const key = next.trim().toUpperCase()
    if (key === '') onChange(others)
    else if (ISSUE_KEY.test(key) && key !== issue) onChange({ ...others, issue: key })
  }
  return (
    <div className={styles['filters']}>
      <SelectInput
        compact
        label="Trigger"
        value={rule ?? ''}
        options={[{ value: '', label: 'All' }, ...known, ...gone]}
        onChange={(value) => onChange(withValue(filter, 'rule', value === '' ? undefined : value))}
      />
      <SelectInput
        compact
        label="State"
        value={state ?? 'all'}
        options={STATE_OPTIONS}
        onChange={(value) => onChange(withValue(filter, 'state', value === 'all' ? undefined : value))}
      />
      <TextInput
        compact
        label="Issue"
        type="search"
        value={text}
        onChange={type}
        placeholder="SHOP-7"
        error={typed === '' || isKey ? null : 'A whole key, such as SHOP-7.'}
      />
    </div>
  )
}

function withValue<Name extends keyof RunFilter>(filter: RunFilter, name: Name, value: RunFilter[Name] | undefined): RunFilter {
  const others = Object.fromEntries(Object.entries(filter).filter(([each]) => each !== name)) as RunFilter
  return value === undefined ? others : { ...others, [name]: value }
}
