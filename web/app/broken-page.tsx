import { useRouter } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'
import { Failure } from '../ui/states.tsx'

/** In place of a page that cannot be shown. */
export function BrokenPage({ error }: { readonly error: unknown }) {
  const router = useRouter()
  return (
    <Page title="This page broke" narrow>
      <Failure error={error} title="It could not be shown" retry={() => void router.invalidate()} />
    </Page>
  )
}
