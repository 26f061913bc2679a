import Button from '@atlaskit/button/new'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { AdminLogEntryJson } from '../../../src/contract/admin-log.ts'
import { callApi } from '../../ui/api.ts'
import { FormActions } from '../../ui/form.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toWords } from './action-words.ts'
import styles from './parts.module.css'
import table from '../../ui/table.module.css'

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

function Entries({ entries }: { readonly entries: readonly AdminLogEntryJson[] }) {
  return (
    <div className={table['scroll']}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Of</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className={styles['nowrap']}>
                <Time at={entry.at} />
              </td>
              <td>{toActor(entry.actor)}</td>
              <td>
                {toWords(entry.action)}
                {Object.keys(entry.details).length === 0 ? null : (
                  <div className={styles['subtle']}>
                    <bdi>{JSON.stringify(entry.details)}</bdi>
                  </div>
                )}
              </td>
              <td>
                <bdi>{entry.target}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
