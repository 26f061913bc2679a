import { connectorUrl } from '../../../ui/api.ts'
import { CopyField } from '../../../ui/copy-field.tsx'
import { ExternalLink } from '../../../ui/external-link.tsx'
import { TextInput } from '../../../ui/form.tsx'
import { isWebAddress } from '../../../ui/web-address.ts'
import type { AccountForm, FormErrors } from './account-form.ts'
import { Choices } from './choices.tsx'
import styles from './form.module.css'

export interface FieldsProps {
  readonly form: AccountForm
  readonly errors: FormErrors
  readonly onChange: (form: AccountForm) => void
}

/** By a token, or by an OAuth application at the host: what is needed, and where it is made. */
export function SignInFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <Choices
        legend="Sign in by"
        value={form.method}
        onChange={(method) => onChange({ ...form, method })}
        options={[
          { value: 'token', label: 'Access token', hint: 'Of a group, a project, a service account or a person.' },
          { value: 'oauth', label: 'OAuth application', hint: 'A person signs in at GitLab; the connector renews the sign-in.' },
        ]}
      />
      {form.method === 'token' ? (
        <TokenFields form={form} errors={errors} onChange={onChange} />
      ) : (
        <OAuthFields form={form} errors={errors} onChange={onChange} />
      )}
    </>
  )
}

function TokenFields({ form, errors, onChange }: FieldsProps) {
  const { url, owner } = form
  return (
    <>
      <TextInput
        label="Token"
        type="password"
        autoComplete="new-password"
        value={form.token}
        error={errors.token}
        required
        onChange={(token) => onChange({ ...form, token })}
        hint="It is stored encrypted and never shown again."
      />
      <div className={styles['note']}>
        Scopes and role:
        <ul>
          <li>
            <code>read_api</code> and <code>read_repository</code> with the role Reporter: everything is read; changes are found
            at every synchronization.
          </li>
          <li>
            <code>api</code> with the role Maintainer (Owner for a webhook of the group): the connector also sets up webhooks, so
            that changes show at once. Or give a separate webhook administration token in the account’s settings.
          </li>
        </ul>
        {isWebAddress(url) ? (
          <p>
            Make one:{' '}
            {owner.trim() === '' ? null : (
              <>
                <ExternalLink href={`${url}/groups/${toPath(owner)}/-/settings/access_tokens`}>token of the group</ExternalLink>
                ,{' '}
              </>
            )}
            <ExternalLink href={`${url}/-/user_settings/personal_access_tokens`}>personal token</ExternalLink>.
          </p>
        ) : null}
      </div>
    </>
  )
}

const toPath = (owner: string) => owner.trim().split('/').map(encodeURIComponent).join('/')

function OAuthFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <CopyField
        label="Redirect URL"
        value={connectorUrl('oauth/callback')}
        hint="Enter it in the application at GitLab: group or user, Settings, Applications. Confidential, with the scope api."
      />
      {isWebAddress(form.url) ? (
        <p className={styles['note']}>
          <ExternalLink href={`${form.url}/-/user_settings/applications`}>Applications of your user at GitLab</ExternalLink>
        </p>
      ) : null}
      <TextInput
        label="Client ID"
        value={form.clientId}
        error={errors.clientId}
        required
        monospaced
        onChange={(clientId) => onChange({ ...form, clientId })}
        hint="GitLab calls it Application ID."
      />
      <TextInput
        label="Client secret"
        type="password"
        autoComplete="new-password"
        value={form.clientSecret}
        error={errors.clientSecret}
        required
        onChange={(clientSecret) => onChange({ ...form, clientSecret })}
        hint="It is stored encrypted and never shown again."
      />
    </>
  )
}
