import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { SmartCommitAliasJson, SmartCommitProfileJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Failure } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { smartCommitProfileQuery } from './queries.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

const PATH = 'profile/smart-commits/aliases'

/** Addresses whose commits are the reader's: the one of Jira, and those that they asked for. */
export function OwnAddresses({ profile }: { readonly profile: SmartCommitProfileJson }) {
  return (
    <>
      <p className={styles['note']}>
        Commits with the e-mail address of your profile in Jira (user <StrangerText>{profile.user}</StrangerText>) are yours. If
        you commit with another one, ask for it: it counts when an administrator confirms it.
      </p>
      {profile.aliases.length === 0 ? null : (
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">State</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className={styles['subtle']}>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {profile.aliases.map((alias) => (
                <AddressRow key={alias.email} alias={alias} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <AskForAddress />
    </>
  )
}

function AddressRow({ alias }: { readonly alias: SmartCommitAliasJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const takeBack = useMutation({
    mutationFn: () => callApi(`${PATH}/${encodeURIComponent(alias.email)}`, { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries(smartCommitProfileQuery),
    onError: (error) => notify.failed(`${alias.email} is still yours`, error),
  })
  const confirmed = alias.state === 'confirmed'
  return (
    <tr>
      <td>
        <StrangerText>{alias.email}</StrangerText>
      </td>
      <td>
        <StateLozenge tone={confirmed ? 'success' : 'warning'}>{confirmed ? 'Yours' : 'Asked for'}</StateLozenge>
      </td>
      <td>
        <Time at={alias.confirmedAt ?? alias.createdAt} />
      </td>
      <td>
        <Button
          spacing="compact"
          aria-label={`${confirmed ? 'Not mine' : 'Take back'}: ${alias.email}`}
          isLoading={takeBack.isPending}
          onClick={() => takeBack.mutate()}
        >
          {confirmed ? 'Not mine' : 'Take back'}
        </Button>
      </td>
    </tr>
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
