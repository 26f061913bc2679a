import { Progress } from '../../ui/progress.tsx'
import styles from './account-card.module.css'

/** While the repositories are listed again: nobody knows how many there will be. */
export function Refreshing({ name, refreshing }: { readonly name: string; readonly refreshing: boolean }) {
  return (
    <div aria-live="polite">
      {refreshing ? (
        <div className={styles['refreshing']}>
          Refreshing “{name}”: its repositories are being listed …
          <Progress label={`Refreshing ${name}`} value={null} />
        </div>
      ) : null}
    </div>
  )
}
