import { TextInput } from '../../../ui/form.tsx'
import { idOf, type AccountForm, type FormErrors } from '../form/account-form.ts'
import { GitAddressField, GlobFields, ProjectsField, SmartCommitFields, WebhookFields } from '../form/option-fields.tsx'
import type { FieldsProps } from '../form/sign-in-fields.tsx'
import styles from './link.module.css'

const FIELDS: readonly (keyof AccountForm)[] = [
  'include',
  'exclude',
  'jiraProjects',
  'smartCommitTrust',
  'webhooks',
  'webhookSecret',
  'webhookAdminToken',
  'gitUrl',
  'id',
]

/** What most accounts do not need; open when something in it is wrong. */
export function AdvancedFields(props: FieldsProps) {
  const { form, errors, onChange } = props
  return (
    <details className={styles['advanced']} open={hasError(errors) ? true : undefined}>
      <summary>Advanced</summary>
      <GlobFields {...props} />
      <ProjectsField {...props} />
      <SmartCommitFields {...props} />
      <WebhookFields {...props} isStored={false} />
      <GitAddressField {...props} />
      <TextInput
        label="Id"
        value={form.id}
        error={errors.id}
        placeholder={idOf(form)}
        monospaced
        onChange={(id) => onChange({ ...form, id })}
        hint="Part of the webhook address; it cannot be changed later."
      />
    </details>
  )
}

const hasError = (errors: FormErrors) => FIELDS.some((field) => errors[field] !== undefined)
