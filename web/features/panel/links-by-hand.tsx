import Button from '@atlaskit/button/new'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { Section } from '../../ui/page.tsx'
import { Failure } from '../../ui/states.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { LinkList } from './link-list.tsx'
import { manualLinksQuery } from './queries.ts'

interface LinksByHandProps {
  readonly issue: string
  readonly development: DevelopmentJson
}

/** What administrators said about this issue, whatever the keys say. */
export function LinksByHand({ issue, development }: LinksByHandProps) {
  const [adding, setAdding] = useState(false)
  const query = useInfiniteQuery(manualLinksQuery(issue))
  const links = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Section
      title="Linked by hand"
      actions={
        <Button spacing="compact" onClick={() => setAdding(true)}>
          Link a commit or merge request
        </Button>
      }
    >
      {query.isError ? (
        <Failure error={query.error} title="The links could not be loaded" retry={() => void query.refetch()} />
      ) : null}
      {query.isSuccess && links.length === 0 ? <p>Nothing: the keys in commits, branches and merge requests decide.</p> : null}
      {links.length === 0 ? null : <LinkList issue={issue} links={links} />}
      {query.hasNextPage ? (
        <Button isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
      {adding ? <LinkDialog issue={issue} known={development.repositories} onClose={() => setAdding(false)} /> : null}
    </Section>
  )
}
