import Button, { LinkButton } from '@atlaskit/button/new'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import type { SessionJson } from '../../../src/contract/session.ts'
import { sessionQuery } from '../../ui/session.ts'
import { callApi, connectorUrl } from '../../ui/api.ts'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { Failure, QueryView } from '../../ui/states.tsx'
import { Entrance } from './entrance.tsx'
import { toInnerPath } from './inner-path.ts'

/** By a local account, or through Jira, whose passwords are never asked for. */
export function SignInPage() {
  const query = useQuery(sessionQuery)
  useEffect(() => {
    document.title = 'Sign in · DVCS connector'
  }, [])
  return (
    <Entrance title="Sign in">
      <QueryView query={query}>{({ jiraSignIn }) => <Ways jiraSignIn={jiraSignIn} />}</QueryView>
    </Entrance>
  )
}

function Ways({ jiraSignIn }: Pick<SessionJson, 'jiraSignIn'>) {
  const [way, setWay] = useState<'password' | 'jira-token'>('password')
  const { next } = useSearch({ strict: false })
  const target = toInnerPath(next)
  return (
    <>
      {jiraSignIn.oauth ? (
        <FormActions>
          <LinkButton appearance="primary" shouldFitContainer href={connectorUrl('sign-in/jira', { next: target })}>
            Continue with Jira
          </LinkButton>
        </FormActions>
      ) : null}
      {way === 'password' ? (
        <PasswordForm target={target} isFirst={!jiraSignIn.oauth} />
      ) : (
        <JiraTokenForm target={target} isFirst={!jiraSignIn.oauth} />
      )}
      {jiraSignIn.token ? (
        <FormActions>
          <Button appearance="subtle" shouldFitContainer onClick={() => setWay(way === 'password' ? 'jira-token' : 'password')}>
            {way === 'password' ? 'Use a Jira access token instead' : 'Use a local account instead'}
          </Button>
        </FormActions>
      ) : null}
    </>
  )
}

interface WayProps {
  readonly target: string
  /** Nothing above it is to be tried before. */
  readonly isFirst: boolean
}

function PasswordForm(props: WayProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <SignInForm path="session" body={{ name, password }} {...props}>
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

function JiraTokenForm(props: WayProps) {
  const [token, setToken] = useState('')
  return (
    <SignInForm path="session/jira-token" body={{ token }} {...props}>
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

interface SignInFormProps extends WayProps {
  readonly path: string
  readonly body: unknown
  readonly children: React.ReactNode
}

function SignInForm({ path, body, target, isFirst, children }: SignInFormProps) {
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
        <Button type="submit" appearance={isFirst ? 'primary' : 'default'} isLoading={busy} shouldFitContainer>
          Sign in
        </Button>
      </FormActions>
    </form>
  )
}
