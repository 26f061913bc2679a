import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { QueryView } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { builtInConnectorQuery, smartCommitsTwiceQuery } from './queries.ts'
import styles from './parts.module.css'

const COLUMNS = [
  { label: 'Account' },
  { label: 'Host' },
  { label: 'Repositories' },
  { label: 'Smart commits' },
  { label: 'Take over' },
]

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
            <DataTable label="Accounts of the built-in connector" columns={COLUMNS}>
              {accounts.map((account) => (
                <DataRow
                  key={`${account.host} ${account.url} ${account.name}`}
                  columns={COLUMNS}
                  cells={[
                    <StrangerText key="name">{account.name}</StrangerText>,
                    <StrangerText key="host">{`${account.host} ${account.url}`}</StrangerText>,
                    `${account.repositories.enabled} of ${account.repositories.total} enabled`,
                    account.smartCommits ? 'on' : 'off',
                    account.supported ? (
                      <Link key="take" to="/accounts/link">
                        Link here
                      </Link>
                    ) : (
                      'not yet'
                    ),
                  ]}
                />
              ))}
            </DataTable>
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
