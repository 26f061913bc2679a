import SectionMessage from '@atlaskit/section-message'
import type { IssueKeyPreviewJson } from '../../../src/contract/settings.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

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
    <div className={table['scroll']}>
      <table className={table['table']}>
        <caption>
          {title}: {part.count === part.samples.length ? `all ${part.count}` : `${part.samples.length} of ${part.count}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Issue</th>
            <th scope="col">What</th>
            <th scope="col">Repository</th>
            <th scope="col">Text</th>
          </tr>
        </thead>
        <tbody>
          {part.samples.map(({ kind, repository, text, issue }) => (
            <tr key={`${kind} ${repository} ${issue} ${text}`}>
              <td className={styles['nowrap']}>{issue}</td>
              <td className={styles['nowrap']}>{kind.replace('-', ' ')}</td>
              <td>
                <bdi>{repository}</bdi>
              </td>
              <td>
                <bdi>{text}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
