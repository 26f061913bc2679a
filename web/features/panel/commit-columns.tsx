import Button from '@atlaskit/button/new'
import ChevronDownIcon from '@atlaskit/icon/core/chevron-down'
import ChevronRightIcon from '@atlaskit/icon/core/chevron-right'
import { ExternalLink } from '../../ui/external-link.tsx'
import { Time } from '../../ui/time.tsx'
import { CommitMessage } from './commit-message.tsx'
import { entryKey, type Entry } from './development.ts'
import styles from './entry.module.css'
import type { Column, RowDetail } from './entry-table.tsx'
import { HiddenMark, MergeMark } from './lozenges.tsx'
import { LinkedBy } from './linked-by.tsx'
import { Person } from './person.tsx'
import { toFileCount } from './words.ts'

/** The columns of the original's dialog. */
export const COMMIT_COLUMNS: readonly Column<'commits'>[] = [
  { label: 'Author', width: 'person', cell: ({ author }) => <Person {...author} /> },
  { label: 'Commit', width: 'tight', cell: (commit) => <CommitLink commit={commit} /> },
  { label: 'Message', cell: (commit) => <Message commit={commit} /> },
  { label: 'Date', width: 'tight', cell: ({ authoredAt }) => <Time at={authoredAt} /> },
  { label: 'Files', width: 'tight', cell: (commit, detail) => <FilesButton commit={commit} detail={detail} /> },
]

function CommitLink({ commit: { url, displayId, id, merge } }: { readonly commit: Entry<'commits'> }) {
  return (
    <span className={styles['commit']} title={id}>
      <ExternalLink href={url} className={styles['sha']}>
        {displayId}
      </ExternalLink>
      {merge ? <MergeMark /> : null}
    </span>
  )
}

function Message({ commit }: { readonly commit: Entry<'commits'> }) {
  const { message, alsoIn, linkedBy, hidden } = commit
  return (
    <>
      <CommitMessage id={entryKey(commit)} message={message} />
      {alsoIn.length === 0 ? null : (
        <div className={styles['note']}>
          also in <bdi>{alsoIn.join(', ')}</bdi>
        </div>
      )}
      <LinkedBy linkedBy={linkedBy} />
      {hidden ? (
        <div className={styles['marks']}>
          <HiddenMark />
        </div>
      ) : null}
    </>
  )
}

function FilesButton({
  commit: { fileCount, displayId },
  detail,
}: {
  readonly commit: Entry<'commits'>
  readonly detail: RowDetail
}) {
  if (fileCount === 0) return <span className={styles['subtle']}>0 files</span>
  const text = fileCount === null ? 'Files' : toFileCount(fileCount)
  return (
    <span className={styles['textButton']}>
      <Button
        appearance="subtle"
        spacing="compact"
        iconBefore={detail.open ? ChevronDownIcon : ChevronRightIcon}
        aria-expanded={detail.open}
        aria-controls={detail.id}
        aria-label={`${text} of ${displayId}`}
        onClick={detail.toggle}
      >
        {text}
      </Button>
    </span>
  )
}
