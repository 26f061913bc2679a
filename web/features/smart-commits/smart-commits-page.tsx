import Button from '@atlaskit/button/new'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../ui/page.tsx'
import { ShowMore, usePages } from '../../ui/pages.tsx'
import { SmartCommitTable } from '../../ui/smart-commits/smart-commit-table.tsx'
import { Empty, QueryView } from '../../ui/states.tsx'
import { toCommitFilter, type CommitFilter } from './commit-filter.ts'
import { CommitFilters } from './commit-filters.tsx'
import { ExecuteButton } from './execute-button.tsx'
import { smartCommitsQuery } from './queries.ts'
import styles from './smart-commits.module.css'

/** A command is executed some moments after its push, or after somebody asked. */
const OFTEN_MS = 5_000

/** `/smart-commits`: commits that command something, and what became of it; what is looked at stands in the address. */
export function SmartCommitsPage() {
  const filter = toCommitFilter(useSearch({ strict: false }))
  const navigate = useNavigate()
  // The field of the filter keeps what is typed: it begins anew.
  const [cleared, setCleared] = useState(0)
  const { query, items } = usePages({
    ...smartCommitsQuery(filter),
    // A failure stays in sight until somebody tries again: each new attempt would hide it.
    refetchInterval: ({ state }) => (state.data === undefined ? false : OFTEN_MS),
  })
  const show = (search: CommitFilter) => void navigate({ to: '/smart-commits', search, replace: true, resetScroll: false })
  const showAll = () => {
    show({})
    setCleared(cleared + 1)
  }
  return (
    <Page
      title="Smart commits"
      intro={
        <>
          Commits whose message comments on issues, logs work or changes their status, and what became of each command.{' '}
          <Link to="/docs/$name" params={{ name: 'smart-commits' }} className={styles['inText']}>
            What they can say
          </Link>
        </>
      }
    >
      <CommitFilters key={cleared} filter={filter} onChange={show} />
      <QueryView query={query}>
        {() =>
          items.length > 0 ? (
            <>
              <SmartCommitTable commits={items} linksRepositories renderButton={(entry) => <ExecuteButton entry={entry} />} />
              <ShowMore query={query} what="smart commits" />
            </>
          ) : Object.keys(filter).length > 0 ? (
            <Empty title="Nothing fits the filter" action={<Button onClick={showAll}>Show all</Button>} />
          ) : (
            <NoCommits />
          )
        }
      </QueryView>
    </Page>
  )
}

function NoCommits() {
  return (
    <Empty
      title="No smart commits yet"
      action={
        <Link to="/docs/$name" params={{ name: 'smart-commits' }}>
          How to write them
        </Link>
      }
    >
      <p>
        A line of a commit message such as <code>SHOP-7 #comment Fixed it #time 2h #resolve</code> comments on the issue, logs
        work and changes its status, in the name of its author.
      </p>
      <p>Only new commits count, in linked repositories with smart commits on: what was there before is never executed.</p>
    </Empty>
  )
}
