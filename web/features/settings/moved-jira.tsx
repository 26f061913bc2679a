import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { JiraJson } from '../../../src/contract/jira-connection.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import styles from './parts.module.css'

const JIRA = {
  title: 'Was this Jira moved, or is it a copy?',
  message: (url: string | null) => `Under ${url} answers another Jira than the one that was connected.`,
  remedy: 'If it is the same that moved, say so. If it is a copy, a test system for example, leave it: nothing is written to it.',
  action: 'It was moved',
}
const CONNECTOR = {
  title: 'Is this connector a copy?',
  message: (url: string | null) =>
    `Another connector with the same data writes to ${url}, or Jira was restored from a backup. Nothing is written.`,
  remedy: 'If this is the one that stays, say so: the other stops. If it is a copy, a test system for example, leave it.',
  action: 'This one stays',
}

/** Moved or copied? Until somebody answers, nothing is written. */
export function MovedJira({ jira }: { readonly jira: JiraJson }) {
  const { title, message, remedy, action } = jira.problem?.code === 'connector-copied' ? CONNECTOR : JIRA
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  return (
    <div className={styles['message']}>
      <ProblemNote
        title={title}
        problem={{ message: message(jira.url), remedy }}
        appearance="warning"
        actions={
          <Button spacing="compact" onClick={() => setAsked(true)}>
            {action} …
          </Button>
        }
      />
      {asked ? (
        <ConfirmDialog
          title="Write to this Jira?"
          action={action}
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
