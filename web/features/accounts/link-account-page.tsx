import { Page } from '../../ui/page.tsx'

export function LinkAccountPage() {
  return <Page title="Link account">{null}</Page>
}
