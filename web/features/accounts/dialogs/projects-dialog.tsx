import { useState } from 'react'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { findProjectErrors, findRefused, toForm, toProjectKeys, type FormErrors } from '../form/account-form.ts'
import { ProjectsField } from '../form/option-fields.tsx'
import { useChangeAccount } from '../use-account.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'

export function ProjectsDialog({ account, onClose }: AccountDialogProps) {
  const [form, setForm] = useState(toForm(account))
  const [errors, setErrors] = useState<FormErrors>({})
  const change = useChangeAccount(account.id)
  const submit = async () => {
    const found = findProjectErrors(form)
    setErrors(found)
    if (Object.keys(found).length > 0) return false
    try {
      await change({ jiraProjects: toProjectKeys(form.jiraProjects) })
      return true
    } catch (error) {
      setErrors(findRefused(error))
      throw error
    }
  }
  return (
    <FormDialog title={`Restrict “${account.name}” to Jira projects`} action="Save" onSubmit={submit} onClose={onClose}>
      <ProjectsField form={form} errors={errors} onChange={setForm} />
    </FormDialog>
  )
}
