import { PageFrame } from '../ui/page.tsx'
import { Loading } from '../ui/states.tsx'

/** In place of a page whose code, or the session, is still awaited. */
export function AwaitedPage() {
  return (
    <PageFrame>
      <Loading />
    </PageFrame>
  )
}
