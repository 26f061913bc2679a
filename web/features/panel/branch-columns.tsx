import { ExternalLink } from '../../ui/external-link.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { toVisibleText } from '../../ui/visible-text.ts'
import { listEntries, type Entry } from './development.ts'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { Unseen } from '../../ui/unseen.tsx'
import styles from './entry.module.css'
import type { Column } from './entry-table.tsx'
import { HiddenMark, RequestStatus } from './lozenges.tsx'
import { toRequestNumber, toRequestWord } from './words.ts'

/** The columns of the original's dialog, and the last commit. */
export function branchColumns(development: DevelopmentJson): readonly Column<'branches'>[] {
  const heads = new Map(listEntries(development, 'commits').map((commit) => [commit.id, commit]))
  const requests = new Map(
    // The last one stays: an open one, else the newest.
    listEntries(development, 'pullRequests')
      .toReversed()
      .toSorted((a, b) => Number(a.status === 'OPEN') - Number(b.status === 'OPEN'))
      .map((request) => [`${request.repository.id} ${request.sourceBranch}`, request]),
  )
  const requestOf = ({ repository, name }: Entry<'branches'>) => requests.get(`${repository.id} ${name}`)
  return [
    { label: 'Branch', width: 'wide', cell: (branch) => <Branch branch={branch} /> },
    { label: 'Last commit', cell: ({ head }) => <Head head={head} commit={heads.get(head)} /> },
    { label: 'Pull request', cell: (branch) => <Request request={requestOf(branch)} /> },
    {
      label: 'Action',
      cell: ({ createPullRequestUrl, repository, name }) =>
        createPullRequestUrl === null ? null : (
          <ExternalLink href={createPullRequestUrl}>
            Create {toRequestWord(repository.host)}
            <Unseen> from {toVisibleText(name)}</Unseen>
          </ExternalLink>
        ),
    },
  ]
}

function Branch({ branch: { name, url, hidden } }: { readonly branch: Entry<'branches'> }) {
  return (
    <>
      <ExternalLink href={url}>
        <StrangerText>{name}</StrangerText>
      </ExternalLink>
      {hidden ? (
        <div className={styles['marks']}>
          <HiddenMark />
        </div>
      ) : null}
    </>
  )
}

interface HeadProps {
  readonly head: string
  /** undefined: it is not one of this issue's. */
  readonly commit: Entry<'commits'> | undefined
}

function Head({ head, commit }: HeadProps) {
  if (commit === undefined) {
    return (
      <span className={styles['sha']} title={head}>
        {head.slice(0, 7)}
      </span>
    )
  }
  return (
    <span className={styles['commit']}>
      <ExternalLink href={commit.url} className={styles['sha']}>
        {commit.displayId}
      </ExternalLink>
      <Time at={commit.authoredAt} />
    </span>
  )
}

function Request({ request }: { readonly request: Entry<'pullRequests'> | undefined }) {
  if (request === undefined) return null
  return (
    <span className={styles['commit']}>
      <ExternalLink href={request.url}>{toRequestNumber(request.repository.host, request.id)}</ExternalLink>
      <RequestStatus {...request} />
    </span>
  )
}
