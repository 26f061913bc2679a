import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeletionPreviewJson } from '../../../../src/contract/account.ts'
import { callApi } from '../../../ui/api.ts'
import { CheckBox } from '../../../ui/check-box.tsx'
import { TextInput } from '../../../ui/form.tsx'
import { QueryView } from '../../../ui/states.tsx'
import type { AccountDialogProps } from './account-dialog-props.ts'
import { accountPath, deletionQuery } from '../queries.ts'
import { readAccountsAgain } from '../use-account.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import styles from './dialog-parts.module.css'

/** What goes, what of others' is removed too, and the name typed, so that it is not the wrong account. */
export function DeleteDialog({ account, onClose }: AccountDialogProps) {
  const queryClient = useQueryClient()
  const preview = useQuery(deletionQuery(account.id))
  const [removeHooks, setRemoveHooks] = useState(true)
  const [removeFromJira, setRemoveFromJira] = useState(true)
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState(false)
  const submit = async () => {
    const isRight = typed.trim() === account.name.trim()
    setWrong(!isRight)
    if (!isRight) return false
    await callApi(accountPath(account.id), { method: 'DELETE', query: { removeHooks, removeFromJira } })
    readAccountsAgain(queryClient, account.id)
    return true
  }
  return (
    <FormDialog
      title={`Delete account “${account.name}”?`}
      action="Delete"
      appearance="danger"
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        Deleting an account removes it permanently from the connector, including all of its repositories and everything imported
        from them. Nothing is deleted at the Git host but webhooks.
      </p>
      <QueryView query={preview}>{(counts) => <Preview counts={counts} />}</QueryView>
      <CheckBox
        label="Remove the webhooks at the Git host"
        checked={removeHooks}
        onChange={setRemoveHooks}
        hint={hooksHint(preview.data)}
      />
      <CheckBox
        label="Remove what issues in Jira show of it"
        checked={removeFromJira}
        onChange={setRemoveFromJira}
        hint={
          removeFromJira
            ? 'Issues that nothing else tells of lose their development information.'
            : 'What is in Jira stays as it is, and is not kept current any more.'
        }
      />
      <TextInput
        label={`Type the name of the account to confirm: ${account.name}`}
        value={typed}
        onChange={setTyped}
        required
        error={wrong ? 'This is not its name.' : null}
      />
    </FormDialog>
  )
}

function hooksHint(counts: DeletionPreviewJson | undefined): string {
  if (counts === undefined) return 'Those that the connector set up.'
  return counts.hooks === 0 ? 'The connector set up none.' : `The connector set up ${counts.hooks.toLocaleString('en')}.`
}

/** Each with the words for one and for many. */
const KINDS: readonly (readonly [kind: keyof DeletionPreviewJson, one: string, many: string])[] = [
  ['repositories', 'repository', 'repositories'],
  ['commits', 'commit with issue keys', 'commits with issue keys'],
  ['branches', 'branch', 'branches'],
  ['pullRequests', 'merge request', 'merge requests'],
  ['builds', 'build', 'builds'],
  ['deployments', 'deployment', 'deployments'],
  ['issues', 'issue in Jira shows something of it', 'issues in Jira show something of it'],
]

function Preview({ counts }: { readonly counts: DeletionPreviewJson }) {
  return (
    <>
      <p className={styles['section']}>It holds now:</p>
      <ul className={styles['list']}>
        {KINDS.map(([kind, one, many]) => (
          <li key={kind}>
            {counts[kind].toLocaleString('en')} {counts[kind] === 1 ? one : many}
          </li>
        ))}
      </ul>
    </>
  )
}
