import { Page } from '../../ui/page.tsx'

export function DocsPage() {
  return <Page title="Documentation">{null}</Page>
}
