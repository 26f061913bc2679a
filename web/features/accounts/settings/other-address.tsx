import { SignInFields, type FieldsProps } from '../form/sign-in-fields.tsx'
import type { AccountJson } from '../../../../src/contract/account.ts'
import { isOtherAddress } from '../form/account-form.ts'

/** What is stored is never sent to another address: it has to be given again. */
export function SecretsForOtherAddress({ account, ...fields }: FieldsProps & { readonly account: AccountJson }) {
  if (!isOtherAddress(fields.form, account)) return null
  return (
    <>
      <p>The address changes: the stored credentials are not sent there, so give them again.</p>
      <SignInFields {...fields} />
    </>
  )
}
