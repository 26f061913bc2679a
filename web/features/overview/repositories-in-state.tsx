import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { accountNamesQuery } from '../../ui/account-names.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { QueryView } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { repositoriesInState, type RepositoryState } from './queries.ts'
import styles from './overview.module.css'

const COLUMNS = [{ label: 'Repository' }, { label: 'Account' }, { label: 'Last sync' }, { label: 'What is wrong' }]

interface RepositoriesInStateProps {
  readonly state: RepositoryState
  readonly label: string
  /** As the overview counts: when it changes the list is read again. */
  readonly count: number
}

/** Those that a tile counts, of all accounts. */
export function RepositoriesInState({ state, label, count }: RepositoriesInStateProps) {
  const { query, items } = usePages(repositoriesInState(state))
  const names = useQuery(accountNamesQuery).data
  const { refetch } = query
  useEffect(() => void refetch(), [count, refetch])
  return (
    <div className={styles['opened']}>
      <h3 className={styles['checkTitle']}>{label}</h3>
      <QueryView query={query}>
        {() =>
          items.length === 0 ? (
            <p className={styles['note']}>No repository is in this state now.</p>
          ) : (
            <>
              <DataTable label={`Repositories: ${label}`} columns={COLUMNS}>
                {items.map((repository) => (
                  <DataRow
                    key={repository.id}
                    columns={COLUMNS}
                    cells={toCells(repository, names?.get(repository.accountId) ?? repository.accountId)}
                  />
                ))}
              </DataTable>
              <ShowMore query={query} what="repositories" />
            </>
          )
        }
      </QueryView>
    </div>
  )
}

function toCells({ id, name, accountId, sync, webhook }: RepositoryJson, account: string) {
  return [
    <Link key="" to="/repositories/$repositoryId" params={{ repositoryId: id }}>
      {name}
    </Link>,
    <Link key="" to="/accounts/$accountId" params={{ accountId }}>
      {account}
    </Link>,
    <Time key="" at={sync.finishedAt} />,
    sync.error === null && webhook.reason === null ? null : (
      <>
        {sync.error === null ? null : <div>{sync.error.message}</div>}
        {sync.error?.remedy ? <div className={styles['note']}>{sync.error.remedy}</div> : null}
        {webhook.reason === null ? null : <div>{webhook.reason}</div>}
      </>
    ),
  ]
}
