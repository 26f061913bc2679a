import SectionMessage from '@atlaskit/section-message'
import type { IssueKeyPreviewJson } from '../../../src/contract/settings.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import styles from './parts.module.css'

const COLUMNS = [{ label: 'Issue' }, { label: 'What' }, { label: 'Repository' }, { label: 'Text' }]

/** What a change of the rules would link and unlink. */
export function PreviewResult({ preview }: { readonly preview: IssueKeyPreviewJson }) {
  const nothing = preview.link.count === 0 && preview.unlink.count === 0
  return (
    <div className={styles['message']} aria-live="polite">
      <SectionMessage
        appearance="information"
        title={nothing ? 'Nothing that is stored would change' : `${preview.link.count} links come, ${preview.unlink.count} go`}
      >
        {preview.notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </SectionMessage>
      <Samples title="Would be linked" part={preview.link} />
      <Samples title="Would be unlinked" part={preview.unlink} />
    </div>
  )
}

function Samples({ title, part }: { readonly title: string; readonly part: IssueKeyPreviewJson['link'] }) {
  if (part.samples.length === 0) return null
  return (
    <div className={styles['samples']}>
      <p className={styles['subtle']}>
        {title}: {part.count === part.samples.length ? `all ${part.count}` : `${part.samples.length} of ${part.count}`}
      </p>
      <DataTable label={title} columns={COLUMNS}>
        {part.samples.map(({ kind, repository, text, issue }) => (
          <DataRow
            key={`${kind} ${repository} ${issue} ${text}`}
            columns={COLUMNS}
            cells={[
              <span key="issue" className={styles['nowrap']}>
                {issue}
              </span>,
              <span key="kind" className={styles['nowrap']}>
                {kind.replace('-', ' ')}
              </span>,
              <StrangerText key="repository">{repository}</StrangerText>,
              <StrangerText key="text">{text}</StrangerText>,
            ]}
          />
        ))}
      </DataTable>
    </div>
  )
}
