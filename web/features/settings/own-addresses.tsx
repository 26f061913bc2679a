import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { SmartCommitAliasJson, SmartCommitProfileJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Failure } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { smartCommitProfileQuery } from './queries.ts'
import styles from './parts.module.css'

const PATH = 'profile/smart-commits/aliases'
const COLUMNS = [{ label: 'Address' }, { label: 'State' }, { label: 'Since' }, { label: 'Actions' }]

/** Addresses whose commits are the reader's: the one of Jira, and those that they asked for. */
export function OwnAddresses({ profile }: { readonly profile: SmartCommitProfileJson }) {
  return (
    <>
      <p className={styles['note']}>
        Commits with the e-mail address of your profile in Jira (user <StrangerText>{profile.user}</StrangerText>) are yours. If
        you commit with another one, ask for it: it counts when an administrator confirms it.
      </p>
      {profile.aliases.length === 0 ? null : (
        <DataTable label="Your further addresses" columns={COLUMNS}>
          {profile.aliases.map((alias) => (
            <DataRow key={alias.email} columns={COLUMNS} cells={toCells(alias)} />
          ))}
        </DataTable>
      )}
      <AskForAddress />
    </>
  )
}

function toCells(alias: SmartCommitAliasJson): ReactNode[] {
  const confirmed = alias.state === 'confirmed'
  return [
    <StrangerText key="email">{alias.email}</StrangerText>,
    <StateLozenge key="state" tone={confirmed ? 'success' : 'warning'}>
      {confirmed ? 'Yours' : 'Asked for'}
    </StateLozenge>,
    <Time key="since" at={alias.confirmedAt ?? alias.createdAt} />,
    <TakeBack key="actions" alias={alias} />,
  ]
}

function TakeBack({ alias: { email, state } }: { readonly alias: SmartCommitAliasJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const takeBack = useMutation({
    mutationFn: () => callApi(`${PATH}/${encodeURIComponent(email)}`, { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries(smartCommitProfileQuery),
    onError: (error) => notify.failed(`${email} is still yours`, error),
  })
  const action = state === 'confirmed' ? 'Not mine' : 'Take back'
  return (
    <Button spacing="compact" aria-label={`${action}: ${email}`} isLoading={takeBack.isPending} onClick={() => takeBack.mutate()}>
      {action}
    </Button>
  )
}

function AskForAddress() {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [email, setEmail] = useState('')
  const ask = useMutation({
    mutationFn: () => callApi<SmartCommitAliasJson>(PATH, { method: 'POST', body: { email: email.trim() } }),
    onSuccess: async (alias) => {
      setEmail('')
      notify.done(
        alias.state === 'confirmed' ? `${alias.email} is yours already` : `${alias.email} is asked for`,
        ...(alias.state === 'confirmed' ? [] : ['It counts when an administrator of the connector confirms it.']),
      )
      await queryClient.invalidateQueries(smartCommitProfileQuery)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  return (
    <form className={styles['form']} noValidate onSubmit={submit}>
      <TextInput label="Further address" value={email} onChange={setEmail} placeholder="ann@home.example" required />
      {ask.isError ? <Failure error={ask.error} title="The address was not asked for" /> : null}
      <FormActions>
        <Button type="submit" isLoading={ask.isPending} isDisabled={email.trim() === ''}>
          Ask for this address
        </Button>
      </FormActions>
    </form>
  )
}
