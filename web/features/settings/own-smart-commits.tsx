import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
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
  const isAdministrator = useUser()?.role === 'administrator'
  return (
    <QueryView query={query}>
      {(profile) => (
        <>
          <Section title="Your addresses in commits">
            <OwnAddresses profile={profile} />
          </Section>
          <Section title="Your Jira token for smart commits">
            <OwnToken token={profile.ownToken} />
          </Section>
          <Section title="Your smart commits">
            {profile.recent.length === 0 ? (
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
            ) : (
              <>
                <p className={styles['note']}>The newest that were executed in your name.</p>
                <SmartCommitTable commits={profile.recent} linksRepositories={isAdministrator} />
              </>
            )}
          </Section>
        </>
      )}
    </QueryView>
  )
}
