import { ExternalLink } from '../../ui/external-link.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import type { Value } from './development.ts'
import type { Column } from './entry-table.tsx'
import { RunState } from './lozenges.tsx'

export const BUILD_COLUMNS: readonly Column<'builds'>[] = [
  { label: 'Build', width: 'tight', cell: ({ number, url }) => <ExternalLink href={url}>#{number}</ExternalLink> },
  { label: 'Branch', width: 'wide', cell: ({ ref }) => <StrangerText>{ref}</StrangerText> },
  { label: 'Status', cell: ({ state }) => <RunState state={state} /> },
  { label: 'Jobs', cell: ({ jobs }) => <Jobs jobs={jobs} /> },
  { label: 'Completed', cell: (run) => <Completed run={run} /> },
]

export const DEPLOYMENT_COLUMNS: readonly Column<'deployments'>[] = [
  {
    label: 'Environment',
    width: 'wide',
    cell: ({ environment, url }) => (
      <ExternalLink href={url}>
        <StrangerText>{environment}</StrangerText>
      </ExternalLink>
    ),
  },
  { label: 'Type', cell: ({ environmentType }) => ENVIRONMENT_TYPES[environmentType] },
  { label: 'Status', cell: ({ state }) => <RunState state={state} /> },
  { label: 'Completed', cell: (run) => <Completed run={run} /> },
]

const ENVIRONMENT_TYPES = {
  production: 'Production',
  staging: 'Staging',
  testing: 'Testing',
  development: 'Development',
  unmapped: 'Other',
} as const

/** As the host counts: what neither passed nor failed was skipped, cancelled, or waits for a person. */
function Jobs({ jobs }: Pick<Value<'builds'>, 'jobs'>) {
  if (jobs === null) return null
  if (jobs.total === 0) return <>None</>
  const passed = `${jobs.successful} of ${jobs.total} ${jobs.total === 1 ? 'job' : 'jobs'} passed`
  return <>{jobs.failed === 0 ? passed : `${passed}, ${jobs.failed} failed`}</>
}

function Completed({ run: { state, finishedAt } }: { readonly run: Pick<Value<'builds'>, 'state' | 'finishedAt'> }) {
  const underWay = state === 'PENDING' || state === 'IN_PROGRESS'
  return <Time at={finishedAt} fallback={underWay ? 'Under way' : 'Unknown'} />
}
