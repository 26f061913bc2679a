import Button from '@atlaskit/button/new'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { SmartCommitProfileJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { FormActions, TextInput } from '../../ui/form.tsx'
import { useNotify } from '../../ui/notify.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { smartCommitProfileQuery } from './queries.ts'
import styles from './parts.module.css'

const PATH = 'profile/smart-commits/token'

/** A token of the reader's own: it goes in and is never shown. */
export function OwnToken({ token }: { readonly token: SmartCommitProfileJson['ownToken'] }) {
  return (
    <>
      <p className={styles['note']}>
        You need none. With one, Jira shows you instead of the connector’s user, without a line below that names you. It is used
        only for commits whose signature the Git host verified as yours, and for nothing else; it is kept encrypted and never
        shown again.
      </p>
      {token === null ? null : <Stored token={token} />}
      <StoreToken isStored={token !== null} />
    </>
  )
}

function Stored({ token }: { readonly token: NonNullable<SmartCommitProfileJson['ownToken']> }) {
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  return (
    <div className={styles['message']}>
      {token.problem === null ? (
        <p>
          A token is stored since <Time at={token.createdAt} />.
        </p>
      ) : (
        <ProblemNote title="Your token does not work" problem={token.problem} appearance="warning" />
      )}
      <div className={styles['buttons']}>
        <Button onClick={() => setAsked(true)}>Remove the token …</Button>
      </div>
      {asked ? (
        <ConfirmDialog
          title="Remove your token?"
          action="Remove"
          appearance="warning"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await callApi(PATH, { method: 'DELETE' })
            await queryClient.invalidateQueries(smartCommitProfileQuery)
          }}
        >
          <p>
            Your smart commits are then executed by the connector’s user in your name. The token itself stays valid: revoke it in
            your profile in Jira.
          </p>
        </ConfirmDialog>
      ) : null}
    </div>
  )
}

function StoreToken({ isStored }: { readonly isStored: boolean }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const [token, setToken] = useState('')
  const store = useMutation({
    mutationFn: () => callApi(PATH, { method: 'PUT', body: { token: token.trim() } }),
    onSuccess: async () => {
      setToken('')
      notify.done('Your token is stored', 'Jira says that it is yours.')
      await queryClient.invalidateQueries(smartCommitProfileQuery)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    store.mutate()
  }
  return (
    <form className={styles['form']} noValidate onSubmit={submit}>
      <TextInput
        label="Personal access token of Jira"
        type="password"
        autoComplete="new-password"
        value={token}
        onChange={setToken}
        hint={isStored ? 'It takes the place of the stored one.' : 'From Profile > Personal Access Tokens in Jira.'}
        required
      />
      {store.isError ? <Failure error={store.error} title="The token was not stored" /> : null}
      <FormActions>
        <Button type="submit" isLoading={store.isPending} isDisabled={token.trim() === ''}>
          {isStored ? 'Replace the token' : 'Store the token'}
        </Button>
      </FormActions>
    </form>
  )
}
