import Button from '@atlaskit/button/new'
import Checkbox from '@atlaskit/checkbox'
import SectionMessage from '@atlaskit/section-message'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { JiraCheckJson, JiraJson } from '../../../src/contract/jira-connection.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions, SelectInput, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { ConnectionSteps, Permissions } from './connection-steps.tsx'
import { emptyFields, toCheckRequest, toChange, type JiraFields } from './jira-fields.ts'
import styles from './parts.module.css'

const WAYS = [
  { value: 'token', label: 'Personal access token (Jira 8.14 and later)' },
  { value: 'password', label: 'Name and password' },
] as const

const DETAILS = [
  { value: 'full', label: 'Everything' },
  { value: 'titles', label: 'Titles without people' },
  { value: 'counts', label: 'Numbers alone' },
] as const

const TOLD: Readonly<Record<JiraFields['detail'], string>> = {
  full: 'Messages and titles, the names of people and branches, changed files.',
  titles: 'Titles and the names of branches, without people and files.',
  counts: 'How many of each, and in which state: nothing that somebody wrote.',
}

/** Connects a Jira, or changes the connection. It is tested before it is stored. */
export function JiraForm({ jira }: { readonly jira: JiraJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [fields, setFields] = useState<JiraFields>(() => emptyFields(jira))
  const set = (changed: Partial<JiraFields>) => setFields({ ...fields, ...changed })
  const check = useMutation({
    mutationFn: () => callApi<JiraCheckJson>('jira/check', { method: 'POST', body: toCheckRequest(fields) }),
  })
  const save = useMutation({
    mutationFn: () => callApi<JiraJson>('jira', { method: 'PUT', body: toChange(fields) }),
    onSuccess: async (saved) => {
      notify.done('Jira is connected', saved.url ?? undefined)
      setFields(emptyFields(saved))
      await queryClient.invalidateQueries({ queryKey: ['jira'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    check.reset()
    save.mutate()
  }
  const test = () => {
    save.reset()
    check.mutate()
  }
  return (
    <form className={styles['form']} onSubmit={submit}>
      <CredentialFields fields={fields} set={set} known={jira.managedBy !== null} />
      <DeliveryFields fields={fields} set={set} />
      {check.isPending ? <Loading label="Testing the connection, nothing is stored …" /> : null}
      {save.isPending ? <Loading label="Testing the connection before it is stored …" /> : null}
      {check.isError ? <Failure error={check.error} title="The test could not be made" /> : null}
      {save.isError ? <Failure error={save.error} title="Nothing was changed" /> : null}
      {check.data === undefined ? null : <CheckResult check={check.data} />}
      <FormActions>
        <Button type="submit" appearance="primary" isLoading={save.isPending}>
          {jira.managedBy === null ? 'Connect Jira' : 'Save'}
        </Button>
        <Button onClick={test} isLoading={check.isPending}>
          Test
        </Button>
      </FormActions>
    </form>
  )
}

interface FieldsProps {
  readonly fields: JiraFields
  readonly set: (changed: Partial<JiraFields>) => void
}

function CredentialFields({ fields, set, known }: FieldsProps & { readonly known: boolean }) {
  const unchanged = known ? ' Leave it empty to keep the stored one.' : ''
  return (
    <>
      <TextInput
        label="Address of Jira"
        type="url"
        value={fields.url}
        onChange={(url) => set({ url })}
        placeholder="https://jira.example.com"
        hint="With its context path, if it has one. Jira Data Center or Server, 8.14 or later."
        required
      />
      <SelectInput label="Sign in by" value={fields.way} options={WAYS} onChange={(way) => set({ way })} />
      {fields.way === 'token' ? (
        <TextInput
          label="Personal access token"
          type="password"
          value={fields.token}
          onChange={(token) => set({ token })}
          hint={`Of a user who may browse and edit the issues: in Jira under Profile, Personal access tokens.${unchanged}`}
        />
      ) : (
        <>
          <TextInput label="User name" value={fields.username} onChange={(username) => set({ username })} />
          <TextInput
            label="Password"
            type="password"
            value={fields.password}
            onChange={(password) => set({ password })}
            hint={`Of a user of its own for the connector.${unchanged}`}
          />
        </>
      )}
    </>
  )
}

function DeliveryFields({ fields, set }: FieldsProps) {
  return (
    <>
      <SelectInput
        label="What issues tell"
        value={fields.detail}
        options={DETAILS}
        onChange={(detail) => set({ detail })}
        hint={`${TOLD[fields.detail]} It is written as an issue property, which everyone who sees the issue can read. E-mail addresses never are.`}
      />
      <div className={styles['choices']}>
        <Checkbox
          label="Also write one remote link to each issue"
          isChecked={fields.link}
          onChange={(event) => set({ link: event.currentTarget.checked })}
        />
        {fields.link ? (
          <SectionMessage appearance="warning">
            <p>
              For Jira sites that cannot install the Jira app. Jira records remote links in the history of each issue and may
              notify those who watch it.
            </p>
          </SectionMessage>
        ) : null}
        <Checkbox
          label="Let Jira tell by webhook what happens there"
          isChecked={fields.webhooks}
          onChange={(event) => set({ webhooks: event.currentTarget.checked })}
        />
      </div>
    </>
  )
}

function CheckResult({ check }: { readonly check: JiraCheckJson }) {
  return (
    <div className={styles['message']} aria-live="polite">
      <SectionMessage
        appearance={check.ok ? 'success' : 'error'}
        title={check.ok ? `Works: Jira ${check.version ?? ''}, as ${check.user ?? 'somebody'}` : 'This does not work yet'}
      >
        <ConnectionSteps steps={check.steps} />
        <Permissions permissions={check.permissions} />
      </SectionMessage>
    </div>
  )
}
