import Button, { LinkButton } from '@atlaskit/button/new'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { sessionQuery } from '../../ui/session.ts'
import { callApi, connectorUrl } from '../../ui/api.ts'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { Failure } from '../../ui/states.tsx'
import { Entrance } from './entrance.tsx'
import { toInnerPath } from './inner-path.ts'

/** By a local account, or through Jira, whose passwords are never asked for. */
export function SignInPage() {
  const [way, setWay] = useState<'password' | 'jira-token'>('password')
  const { next } = useSearch({ strict: false })
  const target = toInnerPath(next)
  const { data: session } = useQuery(sessionQuery)
  useEffect(() => {
    document.title = 'Sign in · DVCS connector'
  }, [])
  return (
    <Entrance title="Sign in">
      {session?.jiraSignIn.oauth === true ? (
        <FormActions>
          <LinkButton appearance="primary" shouldFitContainer href={connectorUrl('sign-in/jira', { next: target })}>
            Continue with Jira
          </LinkButton>
        </FormActions>
      ) : null}
      {way === 'password' ? <PasswordForm target={target} /> : <JiraTokenForm target={target} />}
      {session?.jiraSignIn.token === true ? (
        <FormActions>
          <Button appearance="subtle" onClick={() => setWay(way === 'password' ? 'jira-token' : 'password')}>
            {way === 'password' ? 'Use a Jira access token instead' : 'Use a local account instead'}
          </Button>
        </FormActions>
      ) : null}
    </Entrance>
  )
}

function PasswordForm({ target }: { readonly target: string }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <SignInForm path="session" body={{ name, password }} target={target}>
      <TextInput label="Name" value={name} onChange={setName} autoComplete="username" required autoFocus />
      <TextInput
        label="Password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        required
      />
    </SignInForm>
  )
}

function JiraTokenForm({ target }: { readonly target: string }) {
  const [token, setToken] = useState('')
  return (
    <SignInForm path="session/jira-token" body={{ token }} target={target}>
      <TextInput
        label="Personal access token of Jira"
        type="password"
        value={token}
        onChange={setToken}
        required
        autoFocus
        hint="In Jira: your avatar, Profile, Personal access tokens. It is used once to ask Jira who you are, and not kept."
      />
    </SignInForm>
  )
}

interface SignInFormProps {
  readonly path: string
  readonly body: unknown
  readonly target: string
  readonly children: React.ReactNode
}

function SignInForm({ path, body, target, children }: SignInFormProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await callApi(path, { method: 'POST', body })
      await queryClient.invalidateQueries(sessionQuery)
      await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })
      await navigate({ to: target })
    } catch (cause) {
      setError(cause)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      {children}
      {error === null ? null : <Failure error={error} title="You are not signed in" />}
      <FormActions>
        <Button type="submit" appearance="primary" isLoading={busy} shouldFitContainer>
          Sign in
        </Button>
      </FormActions>
    </form>
  )
}
