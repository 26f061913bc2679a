import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { JiraJson } from '../../../src/contract/jira-connection.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import styles from './parts.module.css'

/** Moved or copied? Until somebody answers, nothing is written. */
export function MovedJira({ jira }: { readonly jira: JiraJson }) {
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  return (
    <div className={styles['message']}>
      <ProblemNote
        title="Was this Jira moved, or is it a copy?"
        problem={{
          message: `Under ${jira.url} answers another Jira than the one that was connected.`,
          remedy:
            'If it is the same that moved, say so. If it is a copy, a test system for example, leave it: nothing is written to it.',
        }}
        appearance="warning"
        actions={
          <Button spacing="compact" onClick={() => setAsked(true)}>
            It was moved …
          </Button>
        }
      />
      {asked ? (
        <ConfirmDialog
          title="Write to this Jira?"
          action="It was moved"
          appearance="warning"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await callApi('jira/accept-moved', { method: 'POST' })
            await queryClient.invalidateQueries({ queryKey: ['jira'] })
          }}
        >
          <p>From now on the connector writes development information to {jira.url}. Say this of one of two copies alone.</p>
        </ConfirmDialog>
      ) : null}
    </div>
  )
}
