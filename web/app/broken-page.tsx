import { useRouter } from '@tanstack/react-router'
import { ApiError } from '../ui/api.ts'
import { Page } from '../ui/page.tsx'
import { Failure } from '../ui/states.tsx'

/** Where a page could not be opened, or broke: what the connector said, and the way out. */
export function BrokenPage({ error }: { readonly error: unknown }) {
  const router = useRouter()
  if (error instanceof ApiError) {
    return (
      <Page title="This page could not be opened" narrow>
        <Failure error={error} title="It could not be asked for" retry={() => void router.invalidate()} />
      </Page>
    )
  }
  // A file that did not come is not asked for again, nor is what broke made anew, until the whole page is loaded.
  return (
    <Page title="This page broke" narrow>
      <Failure error={toReadable(error)} title="It could not be shown" retry={() => window.location.reload()} />
    </Page>
  )
}

/** After an update the files of before are gone; each browser has its own words for that. */
function toReadable(error: unknown): unknown {
  if (!(error instanceof TypeError) || !/import|module/i.test(error.message)) return error
  return new ApiError('A part of this page did not arrive.', {
    code: 'unreachable',
    status: 0,
    remedy: 'Perhaps the connector was updated, or cannot be reached. Try again: the page is loaded anew.',
    problem: null,
  })
}
