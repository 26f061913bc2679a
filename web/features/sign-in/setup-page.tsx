import Button from '@atlaskit/button/new'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { sessionQuery, setupQuery } from '../../ui/session.ts'
import { ApiError, callApi } from '../../ui/api.ts'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { Entrance } from './entrance.tsx'

const SHORTEST_PASSWORD = 12

/** The set-up link ends here: it makes the first administrator. */
export function SetupPage() {
  useEffect(() => {
    document.title = 'Set up · DVCS connector'
  }, [])
  const query = useQuery(setupQuery)
  return (
    <Entrance title="Welcome">
      <QueryView query={query}>{({ needed }) => (needed ? <FirstUser /> : <AlreadySetUp />)}</QueryView>
    </Entrance>
  )
}

function AlreadySetUp() {
  return (
    <p>
      The connector is set up already. <Link to="/sign-in">Sign in</Link>
    </p>
  )
}

function FirstUser() {
  const code = window.location.hash.replace(/^#/, '')
  if (code === '') {
    return (
      <p>
        Open the set-up link that the connector printed when it started. It works once and for an hour; a restart makes a new one.
      </p>
    )
  }
  return <FirstUserForm code={code} />
}

interface FirstUserFields {
  readonly name: string
  readonly displayName: string
  readonly password: string
  readonly repeated: string
}

function findFieldErrors({ password, repeated }: FirstUserFields): Partial<Record<keyof FirstUserFields, string>> {
  return {
    ...(password.length < SHORTEST_PASSWORD
      ? { password: `Only ${password.length}, of at least ${SHORTEST_PASSWORD} characters.` }
      : {}),
    ...(password === repeated ? {} : { repeated: 'The two are not the same.' }),
  }
}

function FirstUserForm({ code }: { readonly code: string }) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [fields, setFields] = useState<FirstUserFields>({ name: '', displayName: '', password: '', repeated: '' })
  const [tried, setTried] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const errors = tried ? findFieldErrors(fields) : {}
  const set = (name: keyof FirstUserFields) => (value: string) => setFields({ ...fields, [name]: value })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    setError(null)
    if (Object.keys(findFieldErrors(fields)).length > 0) return
    setBusy(true)
    try {
      const { name, displayName, password } = fields
      await callApi('setup', { method: 'POST', body: { code, name, displayName, password } })
      window.history.replaceState(null, '', window.location.pathname)
      queryClient.setQueryData(setupQuery.queryKey, { needed: false })
      await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })
      await navigate({ to: '/' })
    } catch (cause) {
      setError(cause)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p>Create the first administrator. Further people can be added afterwards, or sign in through Jira.</p>
      <TextInput label="Name" value={fields.name} onChange={set('name')} autoComplete="username" required autoFocus />
      <TextInput label="Full name" value={fields.displayName} onChange={set('displayName')} autoComplete="name" required />
      <TextInput
        label="Password"
        type="password"
        value={fields.password}
        onChange={set('password')}
        autoComplete="new-password"
        hint={`At least ${SHORTEST_PASSWORD} characters; a sentence is easy to remember.`}
        error={errors.password}
        required
      />
      <TextInput
        label="Password again"
        type="password"
        value={fields.repeated}
        onChange={set('repeated')}
        autoComplete="new-password"
        error={errors.repeated}
        required
      />
      {error === null ? null : <Failure error={error} title={describeSetupFailure(error)} />}
      <FormActions>
        <Button type="submit" appearance="primary" isLoading={busy} shouldFitContainer>
          Create administrator
        </Button>
      </FormActions>
    </form>
  )
}

function describeSetupFailure(error: unknown): string {
  return error instanceof ApiError && error.status === 0 ? 'No answer' : 'The administrator was not created'
}
