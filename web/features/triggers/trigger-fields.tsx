import { CheckBox } from '../../ui/check-box.tsx'
import { SelectInput, TextInput } from '../../ui/form.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { ConditionFields } from './condition-fields.tsx'
import { PlaceholderList } from './placeholder-list.tsx'
import type { TriggerFieldsProps } from './trigger-fields-props.ts'
import type { TriggerForm } from './trigger-form.ts'
import { EVENT_LABELS, EVENTS } from './trigger-words.ts'
import styles from './triggers.module.css'

const EVENT_OPTIONS = EVENTS.map((value) => ({ value, label: EVENT_LABELS[value] }))

export function TriggerFields({ form, errors, onChange }: TriggerFieldsProps) {
  const set = (changed: Partial<TriggerForm>) => onChange({ ...form, ...changed })
  return (
    <>
      <TextInput label="Name" value={form.name} onChange={(name) => set({ name })} error={errors.name} required />
      <fieldset className={styles['group']}>
        <legend>When</legend>
        <SelectInput
          label="Event"
          value={form.event}
          options={EVENT_OPTIONS}
          onChange={(event) => set({ event })}
          error={errors.event}
          {...(form.event.startsWith('pull-request-') ? { hint: 'GitLab calls a pull request a merge request.' } : {})}
        />
        <ConditionFields form={form} errors={errors} onChange={onChange} />
      </fieldset>
      <fieldset className={styles['group']}>
        <legend>Then</legend>
        <TextInput
          label="Transition or status"
          value={form.transition}
          onChange={(transition) => set({ transition })}
          error={errors.transition}
          hint="Name of a transition of the workflow, or of the status that it leads to. Empty: the issue is not moved."
        />
        <TextArea
          label="Comment"
          value={form.comment}
          onChange={(comment) => set({ comment })}
          error={errors.comment}
          hint="In Jira’s markup. Empty: no comment."
        />
        <PlaceholderList event={form.event} />
      </fieldset>
      <div className={styles['group']}>
        <CheckBox
          label="Enabled"
          hint="Only what happens while it is enabled counts."
          checked={form.enabled}
          onChange={(enabled) => set({ enabled })}
        />
      </div>
    </>
  )
}
