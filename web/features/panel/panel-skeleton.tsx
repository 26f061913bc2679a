import { Unseen } from '../../ui/unseen.tsx'
import styles from './panel-skeleton.module.css'

const ROWS = [1, 2, 3, 4, 5, 6]

/** The page's shape while the first answer is awaited. */
export function PanelSkeleton() {
  return (
    <div>
      <Unseen>
        <output>Loading development information …</output>
      </Unseen>
      <div aria-hidden="true">
        <div className={styles['summary']}>
          <span />
          <span />
          <span />
        </div>
        {ROWS.map((row) => (
          <div key={row} className={styles['row']} />
        ))}
      </div>
    </div>
  )
}
