import { Link } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'

export function NotFound() {
  return (
    <Page title="There is no such page" narrow>
      <p>Perhaps it has moved, or its address was mistyped.</p>
      <p>
        <Link to="/">Go to the overview</Link>
      </p>
    </Page>
  )
}
