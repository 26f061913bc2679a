import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { branchColumns } from './branch-columns.tsx'
import { COMMIT_COLUMNS } from './commit-columns.tsx'
import { CommitFiles } from './commit-files.tsx'
import type { Kind } from './development.ts'
import { KindSection } from './kind-section.tsx'
import { PULL_REQUEST_COLUMNS } from './pull-request-columns.tsx'
import { BUILD_COLUMNS, DEPLOYMENT_COLUMNS } from './run-columns.tsx'
import { unlinkColumn } from './unlink-column.tsx'

interface SectionsProps {
  readonly issue: string
  readonly development: DevelopmentJson
  readonly closed: ReadonlySet<Kind>
  readonly grouped: boolean
  readonly setOpen: (kind: Kind, open: boolean) => void
  readonly administrator: boolean
}

/** One section a kind, in Jira's order. */
export function Sections({ issue, development, closed, grouped, setOpen, administrator }: SectionsProps) {
  const section = <K extends Kind>(kind: K) => ({
    issue,
    kind,
    development,
    grouped,
    open: !closed.has(kind),
    onToggle: () => setOpen(kind, closed.has(kind)),
  })
  const commitColumns = administrator ? [...COMMIT_COLUMNS, unlinkColumn<'commits'>(issue, 'commit')] : COMMIT_COLUMNS
  const requestColumns = administrator
    ? [...PULL_REQUEST_COLUMNS, unlinkColumn<'pullRequests'>(issue, 'pullRequest')]
    : PULL_REQUEST_COLUMNS
  return (
    <>
      <KindSection {...section('branches')} columns={branchColumns(development)} />
      <KindSection
        {...section('commits')}
        columns={commitColumns}
        detail={(commit) => <CommitFiles issue={issue} commit={commit} />}
      />
      <KindSection {...section('pullRequests')} columns={requestColumns} />
      <KindSection {...section('builds')} columns={BUILD_COLUMNS} />
      <KindSection {...section('deployments')} columns={DEPLOYMENT_COLUMNS} />
    </>
  )
}
