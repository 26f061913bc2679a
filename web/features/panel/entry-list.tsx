import { ExternalLink } from '../../ui/external-link.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { groupByRepository, type Entry, type Kind, type Place } from './development.ts'
import { EntryTable, type Column, type EntryTableProps } from './entry-table.tsx'
import styles from './kind-section.module.css'
import { toNumber } from './words.ts'

export interface EntryListProps<K extends Kind> extends Pick<EntryTableProps<K>, 'columns' | 'detail'> {
  readonly title: string
  readonly entries: readonly Entry<K>[]
  /** A table for each repository; else one for all. */
  readonly grouped: boolean
}

export function EntryList<K extends Kind>({ title, entries, grouped, columns, detail }: EntryListProps<K>) {
  if (entries.length === 0) return null
  if (!grouped) {
    const repository: Column<K> = {
      label: 'Repository',
      width: 'person',
      cell: (entry) => <Repository repository={entry.repository} />,
    }
    return <EntryTable caption={title} columns={[repository, ...columns]} entries={entries} detail={detail} />
  }
  return groupByRepository(entries).map(({ repository, entries: own }) => (
    <div key={repository.id} className={styles['group']}>
      <h3 className={styles['repository']}>
        <Repository repository={repository} /> <span className={styles['count']}>({toNumber(own.length)})</span>
      </h3>
      <EntryTable caption={`${title} in ${repository.name}`} columns={columns} entries={own} detail={detail} />
    </div>
  ))
}

function Repository({ repository: { name, url } }: { readonly repository: Place }) {
  return (
    <ExternalLink href={url}>
      <StrangerText>{name}</StrangerText>
    </ExternalLink>
  )
}
