import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ManualLinkJson } from '../../../src/contract/panel.ts'
import { TextInput } from '../../ui/form.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { toCommitText } from './commit-text.ts'
import type { Entry } from './development.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { addManualLink, issueKeyOf } from './queries.ts'
import { checkReason } from './reason.ts'

export interface UnlinkTarget {
  readonly issue: string
  readonly kind: ManualLinkJson['kind']
  readonly entry: Entry<'commits' | 'pullRequests'>
}

interface UnlinkDialogProps extends UnlinkTarget {
  readonly name: string
  readonly onClose: () => void
}

/** Takes one commit or pull request off the issue, whatever its keys say. */
export function UnlinkDialog({ issue, kind, entry, name, onClose }: UnlinkDialogProps) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const unlink = async () => {
    const found = checkReason(reason)
    setProblem(found)
    if (found !== null) return false
    await addManualLink(issue, { action: 'unlink', kind, repositoryId: entry.repository.id, id: entry.id, reason: reason.trim() })
    await queryClient.invalidateQueries(issueKeyOf(issue))
    return true
  }
  const title = 'title' in entry ? entry.title : toCommitText(entry.message).title
  return (
    <FormDialog title={`Unlink ${name} from ${issue}?`} action="Unlink" appearance="warning" onSubmit={unlink} onClose={onClose}>
      <p>
        <StrangerText>{title}</StrangerText>
      </p>
      <p>It leaves this issue, here and in Jira, although its text names {issue}. Under “Linked by hand” you can undo that.</p>
      <TextInput
        label="Reason"
        hint="Shown to other administrators."
        value={reason}
        onChange={setReason}
        error={problem}
        required
        autoFocus
      />
    </FormDialog>
  )
}
