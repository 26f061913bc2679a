import Button from '@atlaskit/button/new'
import Lozenge from '@atlaskit/lozenge'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { UserChange, UserJson } from '../../../src/contract/users.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { usersQuery } from './queries.ts'
import styles from './parts.module.css'

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

const COLUMNS = [{ label: 'Name' }, { label: 'Signs in' }, { label: 'Since' }, { label: 'Actions' }]

function UserTable({ users }: { readonly users: readonly UserJson[] }) {
  return (
    <DataTable label="Users" columns={COLUMNS}>
      {users.map((user) => (
        <DataRow key={user.id} columns={COLUMNS} cells={toCells(user)} />
      ))}
    </DataTable>
  )
}

function toCells(user: UserJson): ReactNode[] {
  return [
    <>
      <StrangerText>{user.displayName}</StrangerText>{' '}
      <span className={styles['subtle']}>
        (<StrangerText>{user.name}</StrangerText>)
      </span>{' '}
      {user.disabled ? <Lozenge>disabled</Lozenge> : null}
    </>,
    user.source === 'local' ? 'with a password here' : 'through Jira',
    <Time key="since" at={user.createdAt} />,
    <UserActions key="actions" user={user} />,
  ]
}

function UserActions({ user }: { readonly user: UserJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [deleting, setDeleting] = useState(false)
  const path = `users/${encodeURIComponent(user.id)}`
  const action = user.disabled ? 'Enable' : 'Disable'
  const change = useMutation({
    mutationFn: (body: UserChange) => callApi(path, { method: 'PATCH', body }),
    onSuccess: () => queryClient.invalidateQueries(usersQuery),
    onError: (error) => notify.failed(`${user.name} was not changed`, error),
  })
  return (
    <div className={styles['inRow']}>
      <Button
        spacing="compact"
        aria-label={`${action} ${user.displayName}`}
        isLoading={change.isPending}
        onClick={() => change.mutate({ disabled: !user.disabled })}
      >
        {action}
      </Button>
      <Button spacing="compact" aria-label={`Delete ${user.displayName}`} onClick={() => setDeleting(true)}>
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
    </div>
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
