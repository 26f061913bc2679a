import Button from '@atlaskit/button/new'
import { CopyField } from '../../../ui/copy-field.tsx'
import { FormActions } from '../../../ui/form.tsx'
import { useSignIn } from '../use-account.ts'

/** Others reach the connector by another address than this browser: the application must name that one. */
export function OtherRedirect({ accountId, redirectUri }: { readonly accountId: string; readonly redirectUri: string }) {
  const signIn = useSignIn()
  return (
    <>
      <p>
        The account is stored. The connector’s own address (<code>server.url</code>) is another than the one in your browser:
        enter this redirect URL in the OAuth application, then sign in.
      </p>
      <CopyField label="Redirect URL" value={redirectUri} />
      <FormActions>
        <Button appearance="primary" onClick={() => void signIn(accountId)}>
          Sign in at the host
        </Button>
      </FormActions>
    </>
  )
}
