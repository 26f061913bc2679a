import Button from '@atlaskit/button/new'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { AdminLogEntryJson } from '../../../src/contract/admin-log.ts'
import { callApi } from '../../ui/api.ts'
import { DataRow, DataTable } from '../../ui/data-table.tsx'
import { FormActions } from '../../ui/form.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { toDetails, toWords } from './action-words.ts'
import styles from './parts.module.css'

interface LogPage {
  readonly items: readonly AdminLogEntryJson[]
  readonly next: string | null
}

/** Who changed what, newest first. */
export function LogPart() {
  const query = useInfiniteQuery({
    queryKey: ['admin-log'],
    queryFn: ({ signal, pageParam }) => callApi<LogPage>('admin-log', { query: { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Section title="Log of changes">
      {query.isPending ? <Loading /> : null}
      {query.isError ? (
        <Failure error={query.error} title="The log could not be loaded" retry={() => void query.refetch()} />
      ) : null}
      {query.isSuccess && entries.length === 0 ? <Empty small title="Nobody has changed anything yet" /> : null}
      {entries.length === 0 ? null : <Entries entries={entries} />}
      {query.hasNextPage ? (
        <FormActions>
          <Button isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older
          </Button>
        </FormActions>
      ) : null}
    </Section>
  )
}

const COLUMNS = [{ label: 'When' }, { label: 'Who' }, { label: 'What' }, { label: 'Of' }]

function Entries({ entries }: { readonly entries: readonly AdminLogEntryJson[] }) {
  return (
    <DataTable label="Changes" columns={COLUMNS}>
      {entries.map((entry) => (
        <DataRow
          key={entry.id}
          columns={COLUMNS}
          cells={[
            <Time key="when" at={entry.at} />,
            <StrangerText key="who">{toActor(entry.actor)}</StrangerText>,
            <>
              {toWords(entry.action)}
              {Object.keys(entry.details).length === 0 ? null : (
                <div className={styles['subtle']}>
                  <StrangerText>{toDetails(entry.details)}</StrangerText>
                </div>
              )}
            </>,
            entry.target === null || entry.target === '' ? null : <StrangerText key="of">{entry.target}</StrangerText>,
          ]}
        />
      ))}
    </DataTable>
  )
}

function toActor({ kind, name }: AdminLogEntryJson['actor']): string {
  switch (kind) {
    case 'user':
      return name ?? 'a user'
    case 'jira-user':
      return `${name ?? 'somebody'} (of Jira)`
    case 'token':
      return `token ${name ?? 'of the configuration'}`
    case 'local':
      return 'a command on the machine'
    case 'anonymous':
      return 'the set-up link'
  }
}
