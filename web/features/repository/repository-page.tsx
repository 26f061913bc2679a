import { Page } from '../../ui/page.tsx'

export function RepositoryPage() {
  return <Page title="Repository">{null}</Page>
}
