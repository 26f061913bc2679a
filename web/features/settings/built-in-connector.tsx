import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { QueryView } from '../../ui/states.tsx'
import { builtInConnectorQuery, smartCommitsTwiceQuery } from './queries.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

/** What Jira's built-in connector has linked: to take over, and to switch off there. */
export function BuiltInConnector() {
  const query = useQuery(builtInConnectorQuery)
  return (
    <Section title="Jira’s built-in DVCS connector">
      <SmartCommitsTwice asOf={query.dataUpdatedAt} />
      <QueryView query={query}>
        {({ available, reason, accounts }) =>
          !available || accounts.length === 0 ? (
            <p className={styles['note']}>
              {available ? 'It has no accounts: nothing to take over.' : (reason ?? 'It cannot be asked.')}
            </p>
          ) : (
            <div className={table['scroll']}>
              <table className={table['table']}>
                <thead>
                  <tr>
                    <th scope="col">Account</th>
                    <th scope="col">Host</th>
                    <th scope="col">Repositories</th>
                    <th scope="col">Smart commits</th>
                    <th scope="col">
                      <span className={styles['subtle']}>Take over</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {accounts.map((account) => (
                    <tr key={`${account.host} ${account.url} ${account.name}`}>
                      <td>{account.name}</td>
                      <td>
                        {account.host} {account.url}
                      </td>
                      <td>
                        {account.repositories.enabled} of {account.repositories.total} enabled
                      </td>
                      <td>{account.smartCommits ? 'on' : 'off'}</td>
                      <td>{account.supported ? <Link to="/accounts/link">Link here</Link> : 'not yet'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </QueryView>
    </Section>
  )
}

function SmartCommitsTwice({ asOf }: { readonly asOf: number }) {
  const { data = [] } = useQuery(smartCommitsTwiceQuery(asOf))
  return data.map(({ id, name, problem }) => (
    <div key={id} className={styles['message']}>
      <ProblemNote
        title={`Smart commits of “${name}” would be executed twice`}
        problem={problem}
        appearance="warning"
        actions={
          <Link to="/accounts/$accountId" params={{ accountId: id }}>
            Open the account
          </Link>
        }
      />
    </div>
  ))
}
