import Button from '@atlaskit/button/new'
import Lozenge from '@atlaskit/lozenge'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { callApi } from '../../ui/api.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { useUser } from '../../ui/session.ts'
import { Failure, QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { OwnSmartCommits } from './own-smart-commits.tsx'
import { sessionsQuery, usersQuery } from './queries.ts'
import styles from './parts.module.css'

/** One's own password, smart commits and sessions. */
export function ProfilePart() {
  const user = useUser()
  return (
    <>
      <Section title="Profile">
        <dl className={styles['facts']}>
          <dt>Name</dt>
          <dd>
            {user?.displayName} ({user?.name})
          </dd>
          <dt>Signs in</dt>
          <dd>{user?.source === 'jira' ? 'through Jira' : 'with a password here'}</dd>
        </dl>
      </Section>
      {user?.source === 'local' ? (
        <Section title="Change password">
          <ChangePassword name={user.name} />
        </Section>
      ) : null}
      {user?.source === 'jira' ? <OwnSmartCommits /> : null}
      <Section title="Where you are signed in">
        <Sessions />
      </Section>
    </>
  )
}

const EMPTY = { currentPassword: '', password: '', repeated: '' }

function ChangePassword({ name }: { readonly name: string }) {
  const notify = useNotify()
  const users = useQuery(usersQuery)
  const [fields, setFields] = useState(EMPTY)
  const id = users.data?.find((user) => user.source === 'local' && user.name === name)?.id
  const change = useMutation({
    mutationFn: () => {
      const { currentPassword, password } = fields
      return callApi(`users/${encodeURIComponent(id ?? '')}`, { method: 'PATCH', body: { currentPassword, password } })
    },
    onSuccess: () => {
      setFields(EMPTY)
      notify.done('Your password is changed', 'Your other sessions have ended.')
    },
  })
  const different = fields.repeated !== '' && fields.password !== fields.repeated
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (fields.password === fields.repeated) change.mutate()
  }
  return (
    <form className={styles['form']} onSubmit={submit}>
      <TextInput
        label="Current password"
        type="password"
        value={fields.currentPassword}
        onChange={(currentPassword) => setFields({ ...fields, currentPassword })}
        autoComplete="current-password"
        required
      />
      <TextInput
        label="New password"
        type="password"
        value={fields.password}
        onChange={(password) => setFields({ ...fields, password })}
        autoComplete="new-password"
        hint="At least 12 characters."
        required
      />
      <TextInput
        label="New password again"
        type="password"
        value={fields.repeated}
        onChange={(repeated) => setFields({ ...fields, repeated })}
        autoComplete="new-password"
        error={different ? 'The two are not the same.' : null}
        required
      />
      {users.isError ? (
        <Failure error={users.error} title="Your account could not be loaded" retry={() => void users.refetch()} />
      ) : null}
      {change.isError ? <Failure error={change.error} title="Your password is not changed" /> : null}
      <FormActions>
        <Button type="submit" isLoading={change.isPending} isDisabled={id === undefined || different}>
          Change password
        </Button>
      </FormActions>
    </form>
  )
}

const COLUMNS = [{ label: 'Browser' }, { label: 'Since' }, { label: 'Last seen' }]

function Sessions() {
  const query = useQuery(sessionsQuery)
  return (
    <QueryView query={query}>
      {(sessions) => (
        <DataTable label="Sessions" columns={COLUMNS}>
          {sessions.map((session) => (
            <DataRow
              key={session.id}
              columns={COLUMNS}
              cells={[
                <>
                  <StrangerText>{session.userAgent ?? 'unknown'}</StrangerText>{' '}
                  {session.current ? <Lozenge appearance="success">this one</Lozenge> : null}
                </>,
                <Time key="since" at={session.createdAt} />,
                <Time key="seen" at={session.lastSeenAt} />,
              ]}
            />
          ))}
        </DataTable>
      )}
    </QueryView>
  )
}
