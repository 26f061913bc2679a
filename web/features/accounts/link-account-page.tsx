import { Page } from '../../ui/page.tsx'
import { LinkForm } from './link/link-form.tsx'

export function LinkAccountPage() {
  return (
    <Page
      title="Link account"
      narrow
      trail={[{ label: 'DVCS accounts', to: '/accounts' }]}
      intro="The connection is tested before anything is stored. A dry run shows what would be linked, and what it would cost."
    >
      <LinkForm />
    </Page>
  )
}
