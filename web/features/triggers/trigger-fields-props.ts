import type { FormErrors, TriggerForm } from './trigger-form.ts'

export interface TriggerFieldsProps {
  readonly form: TriggerForm
  readonly errors: FormErrors
  readonly onChange: (form: TriggerForm) => void
}
