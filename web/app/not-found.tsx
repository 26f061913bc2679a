import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'
import { sessionQuery } from '../ui/session.ts'
import { PendingPage } from './pending-page.tsx'
import { Shell } from './shell.tsx'

/** An address that leads nowhere; who is signed in goes on from the frame. */
export function NotFound() {
  const { data, isPending } = useQuery(sessionQuery)
  if (isPending) return <PendingPage />
  const page = (
    <Page title="There is no such page" narrow>
      <p>Perhaps it has moved, or its address was mistyped.</p>
      <p>
        <Link to="/">Go to the overview</Link>
      </p>
    </Page>
  )
  return data === undefined || data.user === null ? page : <Shell>{page}</Shell>
}
