import Button from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import type { BuiltInConnectorJson } from '../../../../src/contract/jira-connection.ts'
import { builtInConnectorQuery } from '../queries.ts'
import { GITLAB_COM, type AccountForm } from '../form/account-form.ts'
import styles from './link.module.css'

interface BuiltInProposalsProps {
  readonly onUse: (proposal: Partial<AccountForm>) => void
}

/** What Jira's own connector has already; silent where there is nothing, or Jira does not tell. */
export function BuiltInProposals({ onUse }: BuiltInProposalsProps) {
  const { data } = useQuery({ ...builtInConnectorQuery, retry: false })
  if (data?.available !== true || data.accounts.length === 0) return null
  return (
    <section className={styles['proposals']} aria-labelledby="built-in-title">
      <h2 id="built-in-title" className={styles['title']}>
        Accounts of Jira’s built-in connector
      </h2>
      <ul>
        {data.accounts.map((account) => (
          <li key={`${account.host} ${account.url ?? ''} ${account.name}`}>
            <Proposal account={account} onUse={onUse} />
          </li>
        ))}
      </ul>
    </section>
  )
}

type BuiltInAccount = BuiltInConnectorJson['accounts'][number]

function Proposal({ account, onUse }: BuiltInProposalsProps & { readonly account: BuiltInAccount }) {
  const { name, host, url, repositories, smartCommits, supported } = account
  const use = () => onUse({ url: url ?? GITLAB_COM, owner: name, name, smartCommits })
  return (
    <>
      <span className={styles['proposal']}>
        <strong>{name}</strong> at {url ?? host}: {repositories.enabled.toLocaleString('en')} of{' '}
        {repositories.total.toLocaleString('en')} repositories enabled{smartCommits ? ', smart commits on' : ''}
      </span>
      {supported ? (
        <Button spacing="compact" onClick={use} aria-label={`Take over ${name}`}>
          Take over
        </Button>
      ) : (
        <span className={styles['subtle']}>This host is not supported yet</span>
      )}
    </>
  )
}
