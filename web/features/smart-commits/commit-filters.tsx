import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { accountNamesQuery } from '../../ui/account-names.ts'
import { SelectInput, TextInput } from '../../ui/form.tsx'
import { SMART_COMMIT_STATES, type SmartCommitState } from '../../ui/smart-commits/smart-commit-words.ts'
import { useDebounced } from '../../ui/use-debounced.ts'
import { toVisibleText } from '../../ui/visible-text.ts'
import { LONGEST, withPart, type CommitFilter } from './commit-filter.ts'
import { repositoryChoicesQuery, repositoryNameQuery } from './queries.ts'
import styles from './smart-commits.module.css'

const ALL = { value: '', label: 'All' }
const TYPING_MS = 300
const STATE_OPTIONS = (Object.keys(SMART_COMMIT_STATES) as SmartCommitState[]).map((value) => ({
  value,
  label: SMART_COMMIT_STATES[value].label,
}))

export interface CommitFiltersProps {
  readonly filter: CommitFilter
  readonly onChange: (filter: CommitFilter) => void
}

export function CommitFilters({ filter, onChange }: CommitFiltersProps) {
  const { account = '', repository = '', state = '' } = filter
  const set = (part: keyof CommitFilter) => (value: string) => onChange(withPart(filter, part, value))
  return (
    <div className={styles['filters']}>
      <SelectInput compact label="Account" value={account} options={[ALL, ...useAccounts(account)]} onChange={set('account')} />
      <SelectInput
        compact
        label="Repository"
        value={repository}
        options={[ALL, ...useRepositories(filter)]}
        onChange={set('repository')}
      />
      <SelectInput<string> compact label="State" value={state} options={[ALL, ...STATE_OPTIONS]} onChange={set('state')} />
      <TextFilter filter={filter} onChange={onChange} />
    </div>
  )
}

function TextFilter({ filter, onChange }: CommitFiltersProps) {
  const { q = '' } = filter
  const [text, setText] = useState(q)
  const settled = useDebounced(text, TYPING_MS)
  const tooLong = text.trim().length > LONGEST
  // Only what was typed changes the address: another filter does not.
  useEffect(() => {
    if (settled === text && settled.trim() !== q && !tooLong) onChange(withPart(filter, 'q', settled))
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [settled])
  return (
    <TextInput
      compact
      label="Text"
      type="search"
      value={text}
      onChange={setText}
      placeholder="SHOP-7, a hash, an address, a command"
      error={tooLong ? `At most ${LONGEST} characters.` : null}
    />
  )
}

interface Choice {
  readonly value: string
  readonly label: string
}

function useAccounts(chosen: string): Choice[] {
  const { data } = useQuery(accountNamesQuery)
  const known = [...(data ?? [])].map(([value, name]) => ({ value, label: toVisibleText(name) }))
  return withChosen(known, { value: chosen, label: chosen })
}

function useRepositories({ account, repository = '' }: CommitFilter): Choice[] {
  const { data: choices = [] } = useQuery(repositoryChoicesQuery(account))
  const { data: name = repository } = useQuery(repositoryNameQuery(repository === '' ? undefined : repository))
  const known = choices.map((choice) => ({ value: choice.id, label: toVisibleText(choice.name) }))
  return withChosen(known, { value: repository, label: toVisibleText(name) })
}

/** What the address names is shown as chosen, whether or not it is in the list. */
const withChosen = (known: readonly Choice[], chosen: Choice): Choice[] =>
  chosen.value === '' || known.some(({ value }) => value === chosen.value) ? [...known] : [...known, chosen]
