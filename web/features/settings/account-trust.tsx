import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toTrustLabel } from '../../ui/smart-commits/trust-levels.ts'
import { Empty, QueryView } from '../../ui/states.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { accountsQuery } from './queries.ts'
import table from '../../ui/table.module.css'

/** What each account has; it is changed in the account's own settings. */
export function AccountTrust() {
  const query = useQuery(accountsQuery)
  return (
    <QueryView query={query}>
      {(accounts) =>
        accounts.length === 0 ? (
          <Empty small title="No accounts yet" action={<Link to="/accounts/link">Link an account</Link>} />
        ) : (
          <div className={table['scroll']}>
            <table className={table['table']}>
              <caption>Changed in the settings of the account</caption>
              <thead>
                <tr>
                  <th scope="col">Account</th>
                  <th scope="col">Level of trust</th>
                  <th scope="col">Tells the author</th>
                  <th scope="col">New repositories</th>
                </tr>
              </thead>
              <tbody>
                {accounts.map((account) => (
                  <tr key={account.id}>
                    <td>
                      <Link to="/accounts/$accountId" params={{ accountId: account.id }}>
                        {toVisibleText(account.name)}
                      </Link>
                    </td>
                    <td>{toTrustLabel(account.smartCommitTrust)}</td>
                    <td>{account.smartCommitReplies ? 'yes' : 'no'}</td>
                    <td>{account.smartCommits ? 'on' : 'off'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </QueryView>
  )
}
