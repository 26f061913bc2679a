import { Page } from '../../ui/page.tsx'

export function PanelPage() {
  return <Page title="Development">{null}</Page>
}
