import { useState } from 'react'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { findRefused, toForm, toLines, type FormErrors } from '../form/account-form.ts'
import { GlobFields } from '../form/option-fields.tsx'
import { useChangeAccount } from '../use-account.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'

export function GlobsDialog({ account, onClose }: AccountDialogProps) {
  const [form, setForm] = useState(toForm(account))
  const [errors, setErrors] = useState<FormErrors>({})
  const change = useChangeAccount(account.id)
  const submit = async () => {
    const include = toLines(form.include)
    try {
      await change({ include: include.length === 0 ? ['**'] : include, exclude: toLines(form.exclude) })
      return true
    } catch (error) {
      setErrors(findRefused(error))
      throw error
    }
  }
  return (
    <FormDialog title={`Include and exclude in “${account.name}”`} action="Save" onSubmit={submit} onClose={onClose}>
      <p>
        At the next refresh, repositories that are left out are unlinked: what was imported of them is kept, and shown again once
        they are included again.
      </p>
      <GlobFields form={form} errors={errors} onChange={setForm} />
    </FormDialog>
  )
}
