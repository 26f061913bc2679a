import Button from '@atlaskit/button/new'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SmartCommitAliasJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { aliasesQuery, aliasPath } from './queries.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

/** Whose commits those of an address are: what people asked for first, since it waits. */
export function AliasList() {
  const query = useQuery(aliasesQuery)
  return (
    <QueryView query={query}>
      {(aliases) =>
        aliases.length === 0 ? (
          <Empty title="No addresses yet">Jira alone tells whose commits are whose.</Empty>
        ) : (
          <div className={table['scroll']}>
            <table className={table['table']}>
              <thead>
                <tr>
                  <th scope="col">Address</th>
                  <th scope="col">User of Jira</th>
                  <th scope="col">State</th>
                  <th scope="col">
                    <span className={styles['subtle']}>Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...aliases.filter(isAsked), ...aliases.filter((alias) => !isAsked(alias))].map((alias) => (
                  <AliasRow key={alias.email} alias={alias} />
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </QueryView>
  )
}

const isAsked = ({ state }: SmartCommitAliasJson) => state === 'asked'

function AliasRow({ alias }: { readonly alias: SmartCommitAliasJson }) {
  const asked = isAsked(alias)
  return (
    <tr>
      <td>
        <StrangerText>{alias.email}</StrangerText>
      </td>
      <td>
        <StrangerText>{alias.user}</StrangerText>
      </td>
      <td>
        <StateLozenge tone={asked ? 'warning' : 'success'}>{asked ? 'Asked for' : 'Confirmed'}</StateLozenge>
        <div className={styles['subtle']}>
          <Time at={alias.confirmedAt ?? alias.createdAt} />
          {alias.confirmedBy === null ? null : (
            <>
              {' '}
              by <StrangerText>{alias.confirmedBy}</StrangerText>
            </>
          )}
        </div>
      </td>
      <td>
        {asked ? <Confirm alias={alias} /> : null} <Remove alias={alias} />
      </td>
    </tr>
  )
}

function Confirm({ alias: { email, user } }: { readonly alias: SmartCommitAliasJson }) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const confirm = useMutation({
    mutationFn: () => callApi(aliasPath(email), { method: 'PUT', body: { user } }),
    onSuccess: () => queryClient.invalidateQueries(aliasesQuery),
    onError: (error) => notify.failed(`${email} was not confirmed`, error),
  })
  return (
    <Button spacing="compact" aria-label={`Confirm ${email}`} isLoading={confirm.isPending} onClick={() => confirm.mutate()}>
      Confirm
    </Button>
  )
}

function Remove({ alias }: { readonly alias: SmartCommitAliasJson }) {
  const queryClient = useQueryClient()
  const [shown, setShown] = useState(false)
  const action = isAsked(alias) ? 'Refuse' : 'Remove'
  return (
    <>
      <Button spacing="compact" aria-label={`${action} ${alias.email}`} onClick={() => setShown(true)}>
        {action} …
      </Button>
      {shown ? (
        <ConfirmDialog
          title={`${action} this address?`}
          action={action}
          appearance="warning"
          onClose={() => setShown(false)}
          onConfirm={async () => {
            await callApi(aliasPath(alias.email), { method: 'DELETE' })
            await queryClient.invalidateQueries(aliasesQuery)
          }}
        >
          <p>
            Commits of <StrangerText>{alias.email}</StrangerText> are then not executed for{' '}
            <StrangerText>{alias.user}</StrangerText>, unless it is their address in Jira. What was executed stays.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}
