import CheckCircleIcon from '@atlaskit/icon/core/check-circle'
import WarningIcon from '@atlaskit/icon/core/warning'
import { ExternalLink } from '../../ui/external-link.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import type { Entry, Value } from './development.ts'
import styles from './entry.module.css'
import type { Column } from './entry-table.tsx'
import { LinkedBy } from './linked-by.tsx'
import { HiddenMark, RequestStatus } from './lozenges.tsx'
import { Person } from './person.tsx'
import { toNumber, toRequestNumber } from './words.ts'

/** The columns of the original's dialog, and the comments. */
export const PULL_REQUEST_COLUMNS: readonly Column<'pullRequests'>[] = [
  {
    label: 'ID',
    width: 'id',
    cell: ({ id, url, repository }) => <ExternalLink href={url}>{toRequestNumber(repository.host, id)}</ExternalLink>,
  },
  { label: 'Title', cell: (request) => <Title request={request} /> },
  { label: 'Status', width: 'tight', cell: (request) => <RequestStatus {...request} /> },
  { label: 'Author', width: 'person', cell: ({ author }) => <Person {...author} /> },
  {
    label: 'Reviewers',
    width: 'people',
    cell: ({ reviewers }) => (reviewers.length === 0 ? null : <Reviewers reviewers={reviewers} />),
  },
  { label: 'Comments', width: 'number', cell: ({ commentCount }) => toNumber(commentCount) },
  { label: 'Updated', width: 'tight', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
]

function Title({ request }: { readonly request: Entry<'pullRequests'> }) {
  const { title, url, sourceBranch, targetBranch, linkedBy, hidden } = request
  return (
    <>
      <ExternalLink href={url}>
        <StrangerText empty="(no title)">{title}</StrangerText>
      </ExternalLink>
      <div className={styles['branches']}>
        <StrangerText>{sourceBranch}</StrangerText>
        <span role="img" aria-label="into">
          →
        </span>
        <StrangerText>{targetBranch}</StrangerText>
      </div>
      <LinkedBy linkedBy={linkedBy} />
      {hidden ? (
        <div className={styles['marks']}>
          <HiddenMark />
        </div>
      ) : null}
    </>
  )
}

function Reviewers({ reviewers }: Pick<Value<'pullRequests'>, 'reviewers'>) {
  return (
    <ul className={styles['reviewers']} aria-label="Reviewers">
      {reviewers.map(({ name, state }, index) => (
        // Two people may have one name.
        <li key={index} className={styles['reviewer']}>
          <Person name={name} />
          <Approval state={state} />
        </li>
      ))}
    </ul>
  )
}

function Approval({ state }: { readonly state: Value<'pullRequests'>['reviewers'][number]['state'] }) {
  switch (state) {
    case 'APPROVED':
      return (
        <span className={styles['approved']}>
          <CheckCircleIcon label="" size="small" color="currentColor" /> Approved
        </span>
      )
    case 'NEEDS_WORK':
      return (
        <span className={styles['needsWork']}>
          <WarningIcon label="" size="small" color="currentColor" /> Needs work
        </span>
      )
    case 'UNAPPROVED':
      return <span className={styles['waiting']}>Not approved yet</span>
  }
}
