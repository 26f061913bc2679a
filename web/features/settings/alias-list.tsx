import Button from '@atlaskit/button/new'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { SmartCommitAliasJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { useNotify } from '../../ui/notify.ts'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { aliasesQuery, aliasPath } from './queries.ts'
import styles from './parts.module.css'

const COLUMNS = [{ label: 'Address' }, { label: 'User of Jira' }, { label: 'State' }, { label: 'Actions' }]

/** Whose commits those of an address are: what people asked for first, since it waits. */
export function AliasList() {
  const query = useQuery(aliasesQuery)
  return (
    <QueryView query={query}>
      {(aliases) =>
        aliases.length === 0 ? (
          <Empty small title="No addresses yet">
            Jira alone tells whose commits are whose.
          </Empty>
        ) : (
          <DataTable label="Addresses of authors" columns={COLUMNS}>
            {[...aliases.filter(isAsked), ...aliases.filter((alias) => !isAsked(alias))].map((alias) => (
              <DataRow key={alias.email} columns={COLUMNS} cells={toCells(alias)} />
            ))}
          </DataTable>
        )
      }
    </QueryView>
  )
}

const isAsked = ({ state }: SmartCommitAliasJson) => state === 'asked'

function toCells(alias: SmartCommitAliasJson): ReactNode[] {
  const asked = isAsked(alias)
  return [
    <StrangerText key="email">{alias.email}</StrangerText>,
    <StrangerText key="user">{alias.user}</StrangerText>,
    <>
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
    </>,
    <>
      {asked ? <Confirm alias={alias} /> : null} <Remove alias={alias} />
    </>,
  ]
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
