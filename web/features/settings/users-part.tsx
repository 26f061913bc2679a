import Button from '@atlaskit/button/new'
import Lozenge from '@atlaskit/lozenge'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { UserChange, UserJson } from '../../../src/contract/users.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { usersQuery } from './queries.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

/** Local administrators, and who of Jira has signed in. */
export function UsersPart() {
  const query = useQuery(usersQuery)
  return (
    <>
      <Section title="Users">
        <p className={styles['note']}>
          Local users are administrators. People of Jira sign in through Jira: who may administer Jira may administer the
          connector, all others see the development information of their issues.
        </p>
        <QueryView query={query}>{(users) => <UserTable users={users} />}</QueryView>
      </Section>
      <Section title="Add an administrator">
        <NewUser />
      </Section>
    </>
  )
}

function UserTable({ users }: { readonly users: readonly UserJson[] }) {
  return (
    <div className={table['scroll']}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Signs in</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span className={styles['subtle']}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td>
                {user.displayName} <span className={styles['subtle']}>({user.name})</span>{' '}
                {user.disabled ? <Lozenge>disabled</Lozenge> : null}
              </td>
              <td>{user.source === 'local' ? 'with a password here' : 'through Jira'}</td>
              <td>
                <Time at={user.createdAt} />
              </td>
              <td>
                <UserActions user={user} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function UserActions({ user }: { readonly user: UserJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [deleting, setDeleting] = useState(false)
  const path = `users/${encodeURIComponent(user.id)}`
  const change = useMutation({
    mutationFn: (body: UserChange) => callApi(path, { method: 'PATCH', body }),
    onSuccess: () => queryClient.invalidateQueries(usersQuery),
    onError: (error) => notify.failed(`${user.name} was not changed`, error),
  })
  return (
    <>
      <Button spacing="compact" isLoading={change.isPending} onClick={() => change.mutate({ disabled: !user.disabled })}>
        {user.disabled ? 'Enable' : 'Disable'}
      </Button>{' '}
      <Button spacing="compact" onClick={() => setDeleting(true)}>
        Delete …
      </Button>
      {deleting ? (
        <ConfirmDialog
          title={`Delete ${user.displayName}?`}
          action="Delete"
          appearance="danger"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await callApi(path, { method: 'DELETE' })
            await queryClient.invalidateQueries(usersQuery)
          }}
        >
          <p>All sessions of this user end. What they changed stays, and stays in the log of changes.</p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

const NOBODY = { name: '', displayName: '', password: '' }

function NewUser() {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [fields, setFields] = useState(NOBODY)
  const create = useMutation({
    mutationFn: () => callApi<UserJson>('users', { method: 'POST', body: fields }),
    onSuccess: async ({ displayName }) => {
      notify.done(`${displayName} can sign in now`)
      setFields(NOBODY)
      await queryClient.invalidateQueries(usersQuery)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form className={styles['form']} onSubmit={submit}>
      <TextInput label="Name" value={fields.name} onChange={(name) => setFields({ ...fields, name })} required />
      <TextInput
        label="Full name"
        value={fields.displayName}
        onChange={(displayName) => setFields({ ...fields, displayName })}
        required
      />
      <TextInput
        label="Password"
        type="password"
        value={fields.password}
        onChange={(password) => setFields({ ...fields, password })}
        autoComplete="new-password"
        hint="At least 12 characters. They can change it under Profile."
        required
      />
      {create.isError ? <Failure error={create.error} title="Nobody was added" /> : null}
      <FormActions>
        <Button type="submit" isLoading={create.isPending}>
          Add administrator
        </Button>
      </FormActions>
    </form>
  )
}
