import Badge from '@atlaskit/badge'
import Button, { IconButton } from '@atlaskit/button/new'
import ChevronDownIcon from '@atlaskit/icon/core/chevron-down'
import ChevronRightIcon from '@atlaskit/icon/core/chevron-right'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { Failure } from '../../ui/states.tsx'
import { countOf, hiddenOf, listEntries, mayHaveMore, type Entry, type Kind } from './development.ts'
import { EntryList, type EntryListProps } from './entry-list.tsx'
import styles from './kind-section.module.css'
import { developmentQuery, entriesQuery } from './queries.ts'
import { RowMemory } from './remembered.tsx'
import { TITLES, toNumber } from './words.ts'

export interface KindSectionProps<K extends Kind> extends Pick<EntryListProps<K>, 'columns' | 'detail' | 'grouped'> {
  readonly issue: string
  readonly kind: K
  readonly development: DevelopmentJson
  readonly open: boolean
  readonly onToggle: () => void
}

/** Everything of one kind: what the document has, and the rest on demand. */
export function KindSection<K extends Kind>({ issue, kind, development, open, onToggle, ...list }: KindSectionProps<K>) {
  const [withHidden, setWithHidden] = useState(false)
  const all = useQuery({ ...developmentQuery({ issue, withHidden: true }), enabled: withHidden })
  const shown = (withHidden ? all.data : undefined) ?? development
  const count = countOf(shown, kind)
  const hidden = hiddenOf(development, kind)
  if (countOf(development, kind) === 0 && hidden === 0) return null
  return (
    <section className={styles['section']} aria-labelledby={headingId(kind)}>
      <div className={styles['head']}>
        <IconButton
          icon={open ? ChevronDownIcon : ChevronRightIcon}
          label={`${open ? 'Collapse' : 'Expand'} ${TITLES[kind]}`}
          appearance="subtle"
          spacing="compact"
          aria-expanded={open}
          onClick={onToggle}
        />
        <h2 id={headingId(kind)} tabIndex={-1} className={styles['title']}>
          {TITLES[kind]} <Badge max={false}>{count}</Badge>
        </h2>
        {hidden === 0 ? null : (
          <HiddenNote count={hidden} shown={withHidden} busy={withHidden && all.isLoading} onChange={setWithHidden} />
        )}
      </div>
      {withHidden && all.isError ? <Failure error={all.error} retry={() => void all.refetch()} /> : null}
      {open ? (
        <RowMemory>
          <Entries key={String(withHidden)} {...{ issue, kind, withHidden, development: shown, ...list }} />
        </RowMemory>
      ) : null}
    </section>
  )
}

export function headingId(kind: Kind): string {
  return `development-${kind}`
}

interface HiddenNoteProps {
  readonly count: number
  readonly shown: boolean
  readonly busy: boolean
  readonly onChange: (shown: boolean) => void
}

function HiddenNote({ count, shown, busy, onChange }: HiddenNoteProps) {
  return (
    <span className={styles['hidden']}>
      {toNumber(count)} hidden by rule
      <Button appearance="subtle" spacing="compact" isLoading={busy} aria-pressed={shown} onClick={() => onChange(!shown)}>
        {shown ? 'Hide' : 'Show'}
      </Button>
    </span>
  )
}

interface EntriesProps<K extends Kind> extends Omit<KindSectionProps<K>, 'open' | 'onToggle'> {
  readonly withHidden: boolean
}

function Entries<K extends Kind>({ issue, kind, development, withHidden, ...list }: EntriesProps<K>) {
  const [paged, setPaged] = useState(false)
  const query = useInfiniteQuery({ ...entriesQuery({ issue, withHidden }, kind), enabled: paged })
  const pages = query.data?.pages.flatMap(({ items }) => items as readonly Entry<K>[])
  const entries = pages ?? listEntries(development, kind)
  const more = pages === undefined ? mayHaveMore(development, kind) : query.hasNextPage
  const count = Math.max(countOf(development, kind), entries.length)
  const showMore = () => {
    setPaged(true)
    if (paged) void query.fetchNextPage()
  }
  return (
    <>
      <EntryList title={TITLES[kind]} entries={entries} {...list} />
      {query.isError ? <Failure error={query.error} title="More could not be loaded" retry={() => void query.refetch()} /> : null}
      {more ? (
        <div className={styles['more']}>
          <span role="status">
            {kind === 'deployments'
              ? `Newest ${toNumber(entries.length)}`
              : `Newest ${toNumber(entries.length)} of ${toNumber(count)}`}
          </span>
          <Button isLoading={query.isFetching} onClick={showMore}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  )
}
