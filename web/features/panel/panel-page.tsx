import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { ApiError } from '../../ui/api.ts'
import { Page } from '../../ui/page.tsx'
import { Empty, Failure } from '../../ui/states.tsx'
import { DevelopmentView } from './development-view.tsx'
import styles from './panel-page.module.css'
import { PanelSkeleton } from './panel-skeleton.tsx'
import { developmentQuery } from './queries.ts'

/** The Development panel of one issue. */
export function PanelPage() {
  const { issueKey = '' } = useParams({ strict: false })
  const issue = issueKey.toUpperCase()
  // Another issue is another page: nothing of this one is remembered there.
  return <Panel key={issue} issue={issue} />
}

function Panel({ issue }: { readonly issue: string }) {
  const { data, error, isError, refetch } = useQuery(developmentQuery({ issue, withHidden: false }))
  const retry = () => void refetch()
  // Also when it was shown a moment ago: Jira may have taken the permission away.
  if (data !== undefined && !isNotFound(error)) {
    const problem = isError ? <Failure error={error} title="What you see may be old" retry={retry} /> : null
    return <DevelopmentView issue={issue} development={data} problem={problem} />
  }
  return (
    <Page title={`${issue}: Development`}>
      <div className={styles['answer']}>{isError ? <NoAnswer error={error} retry={retry} /> : <PanelSkeleton />}</div>
    </Page>
  )
}

/** 400: what the address names cannot be a key. */
function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403 || error.status === 400)
}

function NoSuchIssue() {
  return (
    <Empty title="There is nothing to show">
      <p>This issue does not exist, or you may not see its development information.</p>
      <p>
        Look whether its key is right. If it is, ask an administrator of the project in Jira for the permissions Browse Projects
        and View Development Tools.
      </p>
    </Empty>
  )
}

function NoAnswer({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  // Nobody learns which of the two it is.
  if (isNotFound(error)) return <NoSuchIssue />
  const jiraIsAway = error instanceof ApiError && error.status === 503
  return (
    <Failure error={error} title={jiraIsAway ? 'Jira cannot be asked at the moment' : 'This could not be loaded'} retry={retry} />
  )
}
