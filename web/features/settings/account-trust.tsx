import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { toTrustLabel, toTrustMeaning } from '../../ui/smart-commits/trust-levels.ts'
import { Empty, QueryView } from '../../ui/states.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { accountsQuery } from './queries.ts'
import styles from './parts.module.css'

const COLUMNS = [{ label: 'Account' }, { label: 'Level of trust' }, { label: 'Tells the author' }, { label: 'New repositories' }]

/** What each account has; it is changed in the account's own settings. */
export function AccountTrust() {
  const query = useQuery(accountsQuery)
  return (
    <QueryView query={query}>
      {(accounts) =>
        accounts.length === 0 ? (
          <Empty small title="No accounts yet" action={<Link to="/accounts/link">Link an account</Link>} />
        ) : (
          <>
            <p className={styles['note']}>Changed in the settings of the account.</p>
            <DataTable label="Levels of accounts" columns={COLUMNS}>
              {accounts.map((account) => (
                <DataRow
                  key={account.id}
                  columns={COLUMNS}
                  cells={[
                    <Link key="account" to="/accounts/$accountId" params={{ accountId: account.id }}>
                      {toVisibleText(account.name)}
                    </Link>,
                    <>
                      {toTrustLabel(account.smartCommitTrust)}
                      <div className={styles['subtle']}>{toTrustMeaning(account.smartCommitTrust)}</div>
                    </>,
                    account.smartCommitReplies ? 'yes' : 'no',
                    account.smartCommits ? 'on' : 'off',
                  ]}
                />
              ))}
            </DataTable>
          </>
        )
      }
    </QueryView>
  )
}
