import LockIcon from '@atlaskit/icon/core/lock-locked'
import type { AccountJson } from '../../../src/contract/account.ts'
import { describeFilePlace } from './account-texts.ts'
import styles from './account-card.module.css'

/** Read-only here, and where it can be changed. */
export function ManagedByFile({ account: { managedBy, id } }: { readonly account: AccountJson }) {
  if (managedBy === 'browser') return null
  return (
    <details className={styles['file']}>
      <summary>
        <LockIcon label="" color="currentColor" size="small" /> Managed by file
      </summary>
      <p>{describeFilePlace(id)} Repositories can be linked and synchronized here all the same.</p>
    </details>
  )
}
