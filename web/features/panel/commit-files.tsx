import { useQuery } from '@tanstack/react-query'
import { ExternalLink } from '../../ui/external-link.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import styles from './commit-files.module.css'
import type { Entry } from './development.ts'
import { ChangeLozenge } from './lozenges.tsx'
import { commitFilesQuery, type CommitFilesJson } from './queries.ts'
import { toHostName, toNumber } from './words.ts'

interface CommitFilesProps {
  readonly issue: string
  readonly commit: Entry<'commits'>
}

/** The files of a commit: those that the panel has already, else asked for now. */
export function CommitFiles({ issue, commit }: CommitFilesProps) {
  const { files, fileCount } = commit
  const query = useQuery({ ...commitFilesQuery(issue, commit), enabled: files === null })
  if (files !== null) return <FileList commit={commit} files={files} fileCount={fileCount ?? files.length} fileCountIsExact />
  if (query.data !== undefined) return <FileList commit={commit} {...query.data} />
  if (query.isError)
    return <Failure error={query.error} title="The files could not be loaded" retry={() => void query.refetch()} />
  return <Loading label="Asking for the files …" />
}

interface FileListProps extends Pick<CommitFilesJson, 'files' | 'fileCount' | 'fileCountIsExact'> {
  readonly commit: Entry<'commits'>
}

function FileList({ commit: { displayId, url, repository }, files, fileCount, fileCountIsExact }: FileListProps) {
  const left = fileCount - files.length
  return (
    <>
      {files.length === 0 ? <p className={styles['none']}>This commit changes no file.</p> : null}
      <ul className={styles['files']} aria-label={`Files of ${displayId}`}>
        {files.map((file) => (
          <li key={`${file.change} ${file.path}`} className={styles['file']}>
            <span className={styles['change']}>
              <ChangeLozenge change={file.change} />
            </span>
            <Lines added={file.added} removed={file.removed} />
            <StrangerText className={styles['path']}>{file.path}</StrangerText>
          </li>
        ))}
      </ul>
      {left <= 0 && fileCountIsExact ? null : (
        <p className={styles['more']}>
          <ExternalLink href={url}>… see more changes in {toHostName(repository.host)}</ExternalLink>
          {left > 0 ? ` (${toNumber(left)}${fileCountIsExact ? '' : ' or more'} not shown)` : null}
        </p>
      )}
    </>
  )
}

function Lines({ added, removed }: { readonly added: number | null; readonly removed: number | null }) {
  return (
    <span className={styles['lines']}>
      {added === null ? null : <span className={styles['added']}>+{toNumber(added)}</span>}
      {removed === null ? null : <span className={styles['removed']}>-{toNumber(removed)}</span>}
    </span>
  )
}
