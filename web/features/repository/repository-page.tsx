import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { ApiError } from '../../ui/api.ts'
import { useAccountName } from '../../ui/account-names.ts'
import { ExternalLink } from '../../ui/external-link.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { RouterButton } from '../../ui/router-button.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { FailedSmartCommits } from './failed-smart-commits.tsx'
import { repositoryQuery } from './queries.ts'
import { RepositoryDeliveries } from './repository-deliveries.tsx'
import { RepositoryFacts } from './repository-facts.tsx'
import { RepositoryStatistics } from './repository-statistics.tsx'
import { RunningSync } from './running-sync.tsx'
import { SyncButtons } from './sync-buttons.tsx'
import { SyncHistory } from './sync-history.tsx'
import { useRepositoryLive } from './use-repository-live.ts'
import { WebhookState } from './webhook-state.tsx'

/** All about one repository: what it is, what happens to it, what happened. */
export function RepositoryPage() {
  const { repositoryId: id = '' } = useParams({ strict: false })
  const query = useQuery(repositoryQuery(id))
  const repository = query.data
  const account = useAccountName(repository?.accountId ?? '')
  const followed = useRepositoryLive(query, id)
  if (query.error instanceof ApiError && query.error.status === 404) return <NoRepository />
  return (
    <Page
      title={repository?.name ?? 'Repository'}
      trail={[
        { label: 'DVCS accounts', to: '/accounts' },
        ...(repository === undefined ? [] : [{ label: account, to: `/accounts/${encodeURIComponent(repository.accountId)}` }]),
      ]}
      {...(repository === undefined ? {} : { actions: <SyncButtons repository={repository} /> })}
      {...(repository === undefined ? {} : { intro: <ExternalLink href={repository.url}>{repository.url}</ExternalLink> })}
    >
      <QueryView query={query}>
        {(shown) => (
          <>
            {shown.sync.error === null ? null : (
              <Section title="Problem">
                <ProblemNote
                  title={shown.sync.state === 'idle' ? 'The last synchronization failed' : 'The synchronization waits'}
                  problem={shown.sync.error}
                  appearance={shown.sync.state === 'idle' ? 'error' : 'warning'}
                />
              </Section>
            )}
            <FailedSmartCommits repository={shown} />
            {followed === null ? null : <RunningSync repository={shown} followed={followed} />}
            <RepositoryFacts repository={shown} />
            <WebhookState repository={shown} />
            <SyncHistory repositoryId={shown.id} />
            <RepositoryDeliveries repositoryId={shown.id} />
            <RepositoryStatistics repositoryId={shown.id} />
          </>
        )}
      </QueryView>
    </Page>
  )
}

function NoRepository() {
  return (
    <Page title="Repository">
      <Empty title="There is no such repository" action={<RouterButton to="/accounts">Go to DVCS accounts</RouterButton>}>
        It was deleted at the Git host or with its account, or there never was one of this number.
      </Empty>
    </Page>
  )
}
