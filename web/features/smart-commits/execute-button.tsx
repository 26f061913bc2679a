import Button from '@atlaskit/button/new'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import { callApi } from '../../ui/api.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { describeAuthor, isExecutable, listOpenActions, toWritten } from '../../ui/smart-commits/smart-commit-words.ts'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { SMART_COMMITS, smartCommitPath } from './queries.ts'
import styles from './smart-commits.module.css'

/** Has what was skipped or failed executed, after it said what will be done and in whose name. */
export function ExecuteButton({ entry }: { readonly entry: SmartCommitJson }) {
  const [asked, setAsked] = useState(false)
  const queryClient = useQueryClient()
  const notify = useNotify()
  if (!isExecutable(entry)) return null
  const { displayId } = entry.commit
  const action = entry.state === 'failed' ? 'Execute again' : 'Execute'
  return (
    <>
      <Button spacing="compact" aria-label={`${action} ${displayId}`} onClick={() => setAsked(true)}>
        {action}
      </Button>
      {asked ? (
        <ConfirmDialog
          title={`${action}: ${displayId}`}
          action={action}
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await callApi(`${smartCommitPath(entry.id)}/execute`, { method: 'POST' })
            notify.done(`${displayId} will be executed`, 'Its state here tells what came of it.')
            await queryClient.invalidateQueries({ queryKey: [SMART_COMMITS] })
          }}
        >
          <WhatWillBeDone entry={entry} />
        </ConfirmDialog>
      ) : null}
    </>
  )
}

function WhatWillBeDone({ entry }: { readonly entry: SmartCommitJson }) {
  const open = listOpenActions(entry)
  const done = entry.actions.length - open.length
  return (
    <>
      {entry.problem === null ? null : (
        <p>
          It was skipped: <StrangerText>{entry.problem.message}</StrangerText>
        </p>
      )}
      <p>This will be done in Jira:</p>
      <ul className={styles['open']}>
        {open.map((action, index) => (
          // The order is that of the message, which never changes: an index is a name.
          <li key={index}>
            {action.issue} <StrangerText className={styles['written']}>{toWritten(action)}</StrangerText>
          </li>
        ))}
      </ul>
      {done === 0 ? null : <p>{done === 1 ? 'One command is' : `${done} commands are`} done and will not be repeated.</p>}
      <p>
        In the name of <StrangerText>{describeAuthor(entry.commit.author)}</StrangerText>, the author of the commit, and only what
        the author may do in Jira. Jira shows the connector’s user, with a line that names the author; or the author alone, where
        they stored a token and the Git host verified their signature.
      </p>
    </>
  )
}
