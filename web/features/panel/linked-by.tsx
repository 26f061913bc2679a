import { StrangerText } from '../../ui/stranger-text.tsx'
import type { Value } from './development.ts'
import styles from './entry.module.css'

/** Says that a person linked it, not its own keys. */
export function LinkedBy({ linkedBy }: Pick<Value<'commits'>, 'linkedBy'>) {
  if (linkedBy === null) return null
  return (
    <div className={styles['note']}>
      linked by hand by <StrangerText>{linkedBy.who}</StrangerText>: <StrangerText>{linkedBy.reason}</StrangerText>
    </div>
  )
}
