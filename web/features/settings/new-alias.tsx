import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { SmartCommitAliasJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Failure } from '../../ui/states.tsx'
import { aliasesQuery, aliasPath } from './queries.ts'
import styles from './parts.module.css'

const NOTHING = { email: '', user: '' }

/** An administrator says whose commits those of an address are. */
export function NewAlias() {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [fields, setFields] = useState(NOTHING)
  const email = fields.email.trim()
  const user = fields.user.trim()
  const add = useMutation({
    mutationFn: () => callApi<SmartCommitAliasJson>(aliasPath(email), { method: 'PUT', body: { user } }),
    onSuccess: async (alias) => {
      setFields(NOTHING)
      notify.done(`Commits of ${alias.email} are now those of ${alias.user}`)
      await queryClient.invalidateQueries(aliasesQuery)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form className={styles['form']} noValidate onSubmit={submit}>
      <TextInput
        label="E-mail address in commits"
        value={fields.email}
        onChange={(next) => setFields({ ...fields, email: next })}
        required
      />
      <TextInput
        label="User name in Jira"
        value={fields.user}
        onChange={(next) => setFields({ ...fields, user: next })}
        hint="Jira is asked whether there is such an active user. An address that belongs to somebody else is taken from them."
        required
      />
      {add.isError ? <Failure error={add.error} title="The address was not added" /> : null}
      <FormActions>
        <Button type="submit" isLoading={add.isPending} isDisabled={email === '' || user === ''}>
          Add address
        </Button>
      </FormActions>
    </form>
  )
}
