import { IconButton } from '@atlaskit/button/new'
import LinkBrokenIcon from '@atlaskit/icon/core/link-broken'
import { lazy, Suspense, useState } from 'react'
import type { ManualLinkJson } from '../../../src/contract/panel.ts'
import styles from './entry.module.css'
import type { Column } from './entry-table.tsx'
import type { UnlinkTarget } from './unlink-dialog.tsx'
import { toRequestNumber } from './words.ts'

const UnlinkDialog = lazy(async () => ({ default: (await import('./unlink-dialog.tsx')).UnlinkDialog }))

/** What an administrator can do with a row. */
export function unlinkColumn<K extends 'commits' | 'pullRequests'>(issue: string, kind: ManualLinkJson['kind']): Column<K> {
  return { label: 'Action', width: 'id', cell: (entry) => <UnlinkButton issue={issue} kind={kind} entry={entry} /> }
}

function UnlinkButton({ issue, kind, entry }: UnlinkTarget) {
  const [open, setOpen] = useState(false)
  const name = nameOf(entry)
  return (
    <>
      <span className={styles['iconButton']}>
        <IconButton
          icon={LinkBrokenIcon}
          label={`Unlink ${name} from ${issue}`}
          appearance="subtle"
          spacing="compact"
          onClick={() => setOpen(true)}
        />
      </span>
      {open ? (
        <Suspense fallback={null}>
          <UnlinkDialog issue={issue} kind={kind} entry={entry} name={name} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  )
}

function nameOf(entry: UnlinkTarget['entry']): string {
  return 'displayId' in entry ? `commit ${entry.displayId}` : toRequestNumber(entry.repository.host, entry.id)
}
