import { PageFrame } from '../ui/page.tsx'
import { Loading } from '../ui/states.tsx'

/** While the page itself is on its way. */
export function PendingPage() {
  return (
    <PageFrame>
      <Loading />
    </PageFrame>
  )
}
