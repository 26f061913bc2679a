import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import type { SavedAccountJson } from '../../../../src/contract/account.ts'
import type { DryRunJson } from '../../../../src/contract/dry-run.ts'
import { callApi, connectorUrl } from '../../../ui/api.ts'
import { FormActions, WrongAbove } from '../../../ui/form.tsx'
import { useNotify } from '../../../ui/notify.ts'
import { RouterButton } from '../../../ui/router-button.tsx'
import { Failure, Loading } from '../../../ui/states.tsx'
import { findErrors, findRefused, NEW_ACCOUNT, toNewAccount, type FormErrors } from '../form/account-form.ts'
import { NewRepositoryFields } from '../form/option-fields.tsx'
import { SignInFields } from '../form/sign-in-fields.tsx'
import { readAccountsAgain, useSignIn } from '../use-account.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import { BuiltInProposals } from './built-in-proposals.tsx'
import { DryRunView } from './dry-run-view.tsx'
import { OtherRedirect } from './other-redirect.tsx'
import { PlaceFields } from './place-fields.tsx'

type Work = 'dry-run' | 'link'

/** A new account: where it is, how to sign in, what of it to link. */
export function LinkForm() {
  const [form, setForm] = useState(NEW_ACCOUNT)
  const [errors, setErrors] = useState<FormErrors>({})
  const [busy, setBusy] = useState<Work | null>(null)
  const [failure, setFailure] = useState<{ readonly work: Work; readonly error: unknown } | null>(null)
  const [dryRun, setDryRun] = useState<DryRunJson | null>(null)
  const { finish, redirect } = useLinked()
  const attempt = async (work: Work) => {
    const found = findErrors(form)
    setErrors(found)
    setFailure(null)
    setDryRun(null)
    if (Object.keys(found).length > 0) return
    setBusy(work)
    try {
      const body = toNewAccount(form)
      if (work === 'dry-run') setDryRun(await callApi<DryRunJson>('accounts/dry-run', { method: 'POST', body }))
      else await finish(await callApi<SavedAccountJson>('accounts', { method: 'POST', body }))
    } catch (error) {
      setErrors(findRefused(error))
      setFailure({ work, error })
    } finally {
      setBusy(null)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt('link')
  }
  if (redirect !== null) return <OtherRedirect {...redirect} />
  const fields = { form, errors, onChange: setForm }
  return (
    <form noValidate onSubmit={submit}>
      <BuiltInProposals onUse={(proposal) => setForm({ ...form, ...proposal })} />
      <PlaceFields {...fields} />
      <SignInFields {...fields} />
      <NewRepositoryFields {...fields} />
      <AdvancedFields {...fields} />
      <div aria-live="polite">
        {Object.keys(errors).length > 0 && failure === null ? <WrongAbove errors={errors} /> : null}
        {failure === null ? null : <Failure error={failure.error} title={TITLES[failure.work]} />}
        {busy === null ? null : <Loading label={WORK[busy]} />}
        {dryRun === null ? null : <DryRunView dryRun={dryRun} />}
      </div>
      <FormActions>
        <Button type="submit" appearance="primary" isLoading={busy === 'link'} isDisabled={busy === 'dry-run'}>
          {form.method === 'oauth' ? 'Link account and sign in' : 'Link account'}
        </Button>
        {form.method === 'oauth' ? null : (
          <Button isLoading={busy === 'dry-run'} isDisabled={busy === 'link'} onClick={() => void attempt('dry-run')}>
            Dry run
          </Button>
        )}
        <RouterButton to="/accounts" appearance="subtle">
          Cancel
        </RouterButton>
      </FormActions>
      {form.method === 'oauth' ? <p>With OAuth the connection is tested when you come back from the host.</p> : null}
    </form>
  )
}

const TITLES: Readonly<Record<Work, string>> = {
  'dry-run': 'The dry run did not work',
  link: 'The account was not linked',
}

const WORK: Readonly<Record<Work, string>> = {
  'dry-run': 'Trying out, nothing is stored …',
  link: 'Linking account: the connection is being tested …',
}

/** After an account was stored: to the host for its sign-in, or to its page. */
function useLinked() {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const notify = useNotify()
  const [redirect, setRedirect] = useState<{ readonly accountId: string; readonly redirectUri: string } | null>(null)
  const signIn = useSignIn()
  const finish = async ({ id, name, oauth }: SavedAccountJson) => {
    readAccountsAgain(queryClient, id)
    if (oauth?.signInNeeded === true) {
      // The connector is known to others by another address than this browser's: the application needs that one.
      if (oauth.redirectUri === connectorUrl('oauth/callback')) await signIn(id)
      else setRedirect({ accountId: id, redirectUri: oauth.redirectUri })
      return
    }
    notify.done(`“${name}” is linked`, 'Its repositories are being listed; then their history is imported, newest first.')
    await navigate({ to: '/accounts/$accountId', params: { accountId: id } })
  }
  return { finish, redirect }
}
