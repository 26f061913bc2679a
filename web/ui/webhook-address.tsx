import { useQuery } from '@tanstack/react-query'
import { accountWebhooksQuery } from './account-webhooks.ts'
import { CopyField } from './copy-field.tsx'
import { QueryView } from './states.tsx'

/** For people who install a webhook themselves. */
export function WebhookAddress({ accountId }: { readonly accountId: string }) {
  const query = useQuery(accountWebhooksQuery(accountId))
  return (
    <QueryView query={query}>
      {({ address }) => (
        <CopyField
          label="Address for a webhook installed by hand"
          value={address}
          hint="At the Git host: the project’s Settings, Webhooks. Events: pushes, tags, merge requests, comments, pipelines, deployments."
        />
      )}
    </QueryView>
  )
}
