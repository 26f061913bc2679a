import Button from '@atlaskit/button/new'
import { useState, type FormEvent } from 'react'
import type { AccountJson } from '../../../../src/contract/account.ts'
import { FormActions, TextInput, WrongAbove } from '../../../ui/form.tsx'
import { useNotify } from '../../../ui/notify.ts'
import { Failure } from '../../../ui/states.tsx'
import { describeFilePlace, describeRename } from '../account-texts.ts'
import {
  findChangeErrors,
  findRefused,
  NO_SECRETS,
  toAccountChange,
  toForm,
  withOwner,
  type FormErrors,
} from '../form/account-form.ts'
import {
  GitAddressField,
  GlobFields,
  NewRepositoryFields,
  ProjectsField,
  SmartCommitFields,
  WebhookFields,
} from '../form/option-fields.tsx'
import type { FieldsProps } from '../form/sign-in-fields.tsx'
import { useChangeAccount } from '../use-account.ts'
import { SecretsForOtherAddress } from './other-address.tsx'
import styles from './settings.module.css'

interface AccountSettingsProps {
  readonly account: AccountJson
  readonly onCredentials: () => void
}

/** All settings of an account; those of the configuration file can only be read. */
export function AccountSettings({ account, onCredentials }: AccountSettingsProps) {
  const [form, setForm] = useState(() => toForm(account))
  const [errors, setErrors] = useState<FormErrors>({})
  const { save, busy, failure, forget } = useSave(account, setErrors, () => setForm({ ...form, ...NO_SECRETS }))
  const isFixed = account.managedBy === 'file'
  const change = toAccountChange(form, account)
  const fields: FieldsProps = { form, errors, onChange: setForm }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = findChangeErrors(form, account)
    setErrors(found)
    forget()
    if (Object.keys(found).length === 0) void save(change)
  }
  const discard = () => {
    setForm(toForm(account))
    setErrors({})
    forget()
  }
  return (
    <form noValidate className={styles['form']} onSubmit={submit}>
      {isFixed ? <p>{describeFilePlace(account.id)}</p> : null}
      <fieldset disabled={isFixed} className={styles['fields']}>
        <PlaceSettings {...fields} rename={describeRename(account)} />
        <SecretsForOtherAddress account={account} {...fields} />
        <NewRepositoryFields {...fields} />
        <SmartCommitFields {...fields} />
        <GlobFields {...fields} />
        <ProjectsField {...fields} />
        <WebhookFields {...fields} isStored={account.webhooks === 'manual' || form.webhooks !== 'manual'} />
        <GitAddressField {...fields} />
        <div aria-live="polite">
          {Object.keys(errors).length > 0 && failure === null ? <WrongAbove errors={errors} /> : null}
          {failure === null ? null : <Failure error={failure} title="Nothing was changed" />}
        </div>
        {isFixed ? null : (
          <FormActions>
            <Button type="submit" appearance="primary" isLoading={busy} isDisabled={Object.keys(change).length === 0}>
              Test and save
            </Button>
            <Button onClick={onCredentials}>
              {account.credential?.kind === 'oauth' ? 'Reset OAuth settings' : 'Change credentials'}
            </Button>
            {Object.keys(change).length === 0 ? null : (
              <Button appearance="subtle" onClick={discard}>
                Discard
              </Button>
            )}
          </FormActions>
        )}
      </fieldset>
    </form>
  )
}

function PlaceSettings({ form, errors, onChange, rename }: FieldsProps & { readonly rename: string | null }) {
  return (
    <>
      <TextInput label="Name" value={form.name} error={errors.name} required onChange={(name) => onChange({ ...form, name })} />
      <TextInput
        label="Host URL"
        type="url"
        value={form.url}
        error={errors.url}
        required
        onChange={(url) => onChange({ ...form, url })}
      />
      <TextInput
        label="Team or user account"
        value={form.owner}
        error={errors.owner}
        onChange={(text) => onChange(withOwner(form, text))}
        hint={rename ?? 'Path of a group, a subgroup or a user. Empty: everything that the token can read.'}
      />
    </>
  )
}

function useSave(account: AccountJson, setErrors: (errors: FormErrors) => void, onSaved: () => void) {
  const change = useChangeAccount(account.id)
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const save = async (changed: Parameters<typeof change>[0]) => {
    setBusy(true)
    setFailure(null)
    try {
      await change(changed)
      onSaved()
      notify.done(`“${account.name}” is changed`)
    } catch (error) {
      setErrors(findRefused(error))
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return { save, busy, failure, forget: () => setFailure(null) }
}
