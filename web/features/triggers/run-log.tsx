import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { TriggerJson } from '../../../src/contract/trigger.ts'
import { useStream } from '../../ui/event-stream.ts'
import { Section } from '../../ui/page.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { useThrottled } from '../../ui/throttle.ts'
import { runsQuery } from './queries.ts'
import { toRunFilter, type RunFilter } from './run-filter.ts'
import { RunFilters } from './run-filters.tsx'
import { RunTable } from './run-table.tsx'

const REFRESH_MS = 2_000
/** A trigger acts some moments after the event that the stream tells of. */
const OFTEN_MS = 5_000

/** What the rules did, newest first; what is looked at stands in the address. */
export function RunLog({ rules }: { readonly rules: readonly TriggerJson[] }) {
  const { rule, state, issue } = toRunFilter(useSearch({ strict: false }))
  const navigate = useNavigate()
  // The field of the filter keeps what is typed: it begins anew.
  const [cleared, setCleared] = useState(0)
  const queryClient = useQueryClient()
  const filter: RunFilter = {
    ...(rule === undefined ? {} : { rule }),
    ...(state === undefined ? {} : { state }),
    ...(issue === undefined ? {} : { issue }),
  }
  const { query, items } = usePages({
    ...runsQuery(filter),
    // A failure stays in sight until somebody tries again.
    refetchInterval: ({ state: found }) => (found.data === undefined ? false : OFTEN_MS),
  })
  const refresh = useThrottled(() => void queryClient.invalidateQueries({ queryKey: ['trigger-runs'] }), REFRESH_MS)
  useStream('delivery', refresh)
  const show = (search: RunFilter) => void navigate({ to: '/triggers', search, replace: true, resetScroll: false })
  const showAll = () => {
    show({})
    setCleared(cleared + 1)
  }
  return (
    <Section title="Log">
      {rules.length > 0 || items.length > 0 || Object.keys(filter).length > 0 ? (
        <RunFilters key={cleared} rules={rules} filter={filter} onChange={show} />
      ) : null}
      <QueryView query={query}>
        {() =>
          items.length > 0 ? (
            <>
              <RunTable runs={items} />
              <ShowMore query={query} what="entries" />
            </>
          ) : Object.keys(filter).length > 0 ? (
            <Empty title="Nothing fits the filter" action={<Button onClick={showAll}>Show all</Button>} />
          ) : (
            <Empty title="No trigger has acted yet">
              It begins when something happens that an enabled trigger waits for and that names an issue.
            </Empty>
          )
        }
      </QueryView>
    </Section>
  )
}
