import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import { Section } from '../../ui/page.tsx'
import { SmartCommitTable } from '../../ui/smart-commits/smart-commit-table.tsx'
import { useUser } from '../../ui/session.ts'
import { Empty, QueryView } from '../../ui/states.tsx'
import { OwnAddresses } from './own-addresses.tsx'
import { OwnToken } from './own-token.tsx'
import { smartCommitProfileQuery } from './queries.ts'
import styles from './parts.module.css'

/** Which commits are the reader's own, what acts for them, and what became of the newest ones. */
export function OwnSmartCommits() {
  const query = useQuery(smartCommitProfileQuery)
  return (
    <>
      <Section title="Your addresses in commits">
        <QueryView query={query}>{(profile) => <OwnAddresses profile={profile} />}</QueryView>
      </Section>
      {query.data === undefined ? null : (
        <>
          <Section title="Your Jira token for smart commits">
            <OwnToken token={query.data.ownToken} />
          </Section>
          <Section title="Your smart commits">
            <Newest commits={query.data.recent} />
          </Section>
        </>
      )}
    </>
  )
}

function Newest({ commits }: { readonly commits: readonly SmartCommitJson[] }) {
  const isAdministrator = useUser()?.role === 'administrator'
  if (commits.length === 0) {
    return (
      <Empty
        title="None was executed in your name yet"
        action={
          <Link to="/docs/$name" params={{ name: 'smart-commits' }}>
            How to write them
          </Link>
        }
      >
        Did you write some? Look whether their address in Git (<code>git config user.email</code>) is one of yours above.
      </Empty>
    )
  }
  return (
    <>
      <p className={styles['note']}>The newest that were executed in your name.</p>
      <SmartCommitTable commits={commits} linksRepositories={isAdministrator} />
    </>
  )
}
