import Button from '@atlaskit/button/new'
import UndoIcon from '@atlaskit/icon/core/undo'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ManualLinkJson } from '../../../src/contract/panel.ts'
import { useNotify } from '../../ui/notify.ts'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import styles from './link-list.module.css'
import { issueKeyOf, takeBackManualLink } from './queries.ts'
import { toRequestNumber } from './words.ts'

interface LinkListProps {
  readonly issue: string
  readonly links: readonly ManualLinkJson[]
}

export function LinkList({ issue, links }: LinkListProps) {
  return (
    <ul className={styles['links']} aria-label="Links by hand">
      {links.map((link) => (
        <LinkItem key={link.linkId} issue={issue} link={link} />
      ))}
    </ul>
  )
}

function LinkItem({ issue, link }: { readonly issue: string; readonly link: ManualLinkJson }) {
  const { action, kind, repository, id, title, who, reason, at } = link
  const name = kind === 'commit' ? id.slice(0, 7) : toRequestNumber(repository.host, id)
  const { undo, busy } = useUndo(issue, link.linkId)
  return (
    <li className={styles['link']}>
      <div className={styles['text']}>
        <div>
          {action === 'link' ? 'Linked' : 'Unlinked'} <b>{name}</b> of <StrangerText>{repository.name}</StrangerText>
          {title === null ? ' (not stored any more)' : null}
        </div>
        {title === null ? null : <StrangerText className={styles['title']}>{title}</StrangerText>}
        <div className={styles['by']}>
          <StrangerText>{who}</StrangerText>, <Time at={at} />: <StrangerText>{reason}</StrangerText>
        </div>
      </div>
      <Button iconBefore={UndoIcon} spacing="compact" isLoading={busy} aria-label={`Undo: ${action} ${name}`} onClick={undo}>
        Undo
      </Button>
    </li>
  )
}

function useUndo(issue: string, linkId: string) {
  const queryClient = useQueryClient()
  const notify = useNotify()
  const { mutate, isPending } = useMutation({
    mutationFn: () => takeBackManualLink(issue, linkId),
    onSuccess: () => queryClient.invalidateQueries(issueKeyOf(issue)),
    onError: (error) => notify.failed('This was not undone', error),
  })
  return { undo: () => mutate(), busy: isPending }
}
