import Button from '@atlaskit/button/new'
import { useState } from 'react'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { findRefused, findSignInErrors, toForm, toSignIn, type FormErrors } from '../form/account-form.ts'
import { SignInFields } from '../form/sign-in-fields.tsx'
import { useChangeAccount, useSignIn } from '../use-account.ts'
import { useNotify } from '../../../ui/notify.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import styles from './dialog-parts.module.css'

/** A new token or another OAuth application, tested before it takes the old one's place. */
export function CredentialsDialog({ account, onClose }: AccountDialogProps) {
  const [form, setForm] = useState(toForm(account))
  const [errors, setErrors] = useState<FormErrors>({})
  const change = useChangeAccount(account.id)
  const signIn = useSignIn()
  const notify = useNotify()
  const isOAuth = account.credential?.kind === 'oauth'
  const submit = async () => {
    const found = findSignInErrors(form)
    setErrors(found)
    if (Object.keys(found).length > 0) return false
    try {
      const { oauth } = await change(toSignIn(form))
      if (oauth?.signInNeeded === true) await signIn(account.id)
      else notify.done('Credentials changed', `“${account.name}” works with them; its repositories are being listed.`)
      return true
    } catch (error) {
      setErrors(findRefused(error))
      throw error
    }
  }
  return (
    <FormDialog
      title={isOAuth ? `Reset OAuth settings of “${account.name}”` : `Change credentials of “${account.name}”`}
      action={form.method === 'oauth' ? 'Save and sign in' : 'Test and save'}
      onSubmit={submit}
      onClose={onClose}
    >
      {isOAuth ? <SignInAgain user={account.credential?.user ?? null} onSignIn={() => signIn(account.id)} /> : null}
      <SignInFields form={form} errors={errors} onChange={setForm} />
    </FormDialog>
  )
}

interface SignInAgainProps {
  readonly user: string | null
  readonly onSignIn: () => Promise<void>
}

function SignInAgain({ user, onSignIn }: SignInAgainProps) {
  return (
    <div className={styles['section']}>
      <p>Authorizing account: {user ?? 'invalid, please sign in again'}. The application may stay as it is:</p>
      <Button spacing="compact" onClick={() => void onSignIn()}>
        Sign in again at the host
      </Button>
    </div>
  )
}
