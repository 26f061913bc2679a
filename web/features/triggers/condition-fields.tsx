import { useQuery } from '@tanstack/react-query'
import { CheckBox } from '../../ui/check-box.tsx'
import { TextInput } from '../../ui/form.tsx'
import { Failure } from '../../ui/states.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { accountNamesQuery } from '../../ui/account-names.ts'
import type { TriggerFieldsProps } from './trigger-fields-props.ts'
import type { TriggerForm } from './trigger-form.ts'
import { isUsed } from './trigger-words.ts'
import styles from './triggers.module.css'

type ListField = 'repositories' | 'branches' | 'targetBranches' | 'environments' | 'issueTypes' | 'statuses'

const HOST_LISTS: readonly (readonly [ListField, string, string])[] = [
  ['repositories', 'Repositories', 'A pattern of the path a line, such as acme/*.'],
  ['branches', 'Branches', 'A pattern a line, such as feature/*.'],
  ['targetBranches', 'Target branches', 'A pattern a line, such as main.'],
  ['environments', 'Environments', 'A pattern of the name a line, such as production*.'],
]

const ISSUE_LISTS: readonly (readonly [ListField, string, string])[] = [
  ['issueTypes', 'Issue types', 'A name a line, such as Bug.'],
  ['statuses', 'Statuses', 'A name a line: the status that the issue is in before it is moved.'],
]

/** Those that make sense for the event; an empty one stands for any. */
export function ConditionFields({ form, errors, onChange }: TriggerFieldsProps) {
  const set = (changed: Partial<TriggerForm>) => onChange({ ...form, ...changed })
  const area = ([field, label, hint]: readonly [ListField, string, string]) => (
    <TextArea
      key={field}
      label={field === 'branches' && form.event.startsWith('pull-request-') ? 'Source branches' : label}
      rows={2}
      value={form[field]}
      onChange={(text) => set({ [field]: text })}
      error={errors[field]}
      hint={hint}
    />
  )
  return (
    <>
      <p className={styles['note']}>All conditions must hold; one that is left empty holds always.</p>
      <div className={styles['columns']}>
        {HOST_LISTS.filter(([field]) => isUsed(field, form.event)).map(area)}
        <TextInput
          label="Jira projects"
          value={form.projects}
          onChange={(projects) => set({ projects })}
          error={errors.projects}
          placeholder="SHOP, PAY"
          hint="Keys, separated by commas."
        />
        {ISSUE_LISTS.map(area)}
      </div>
      <TextInput
        label="JQL"
        value={form.jql}
        onChange={(jql) => set({ jql })}
        error={errors.jql}
        monospaced
        placeholder="labels = backend"
        hint="The issue must also be found by this query."
      />
      <AccountChoice form={form} error={errors.accounts} onChange={(accounts) => set({ accounts })} />
    </>
  )
}

interface AccountChoiceProps {
  readonly form: TriggerForm
  readonly error: string | undefined
  readonly onChange: (accounts: readonly string[]) => void
}

/** Offered where there is something to choose, or something chosen. */
function AccountChoice({ form, error, onChange }: AccountChoiceProps) {
  const query = useQuery(accountNamesQuery)
  if (query.isError)
    return <Failure error={query.error} title="The accounts could not be loaded" retry={() => void query.refetch()} />
  const names = query.data ?? new Map<string, string>()
  const ids = [...names.keys(), ...form.accounts.filter((id) => !names.has(id))]
  if (ids.length < 2 && form.accounts.length === 0) return null
  return (
    <fieldset className={styles['accounts']}>
      <legend>Accounts (none checked: any)</legend>
      {ids.map((id) => (
        <CheckBox
          key={id}
          label={names.get(id) ?? `${id} (deleted)`}
          checked={form.accounts.includes(id)}
          onChange={(checked) => onChange(checked ? [...form.accounts, id] : form.accounts.filter((one) => one !== id))}
        />
      ))}
      {error === undefined ? null : <div role="alert">{error}</div>}
    </fieldset>
  )
}
