import type { ReactNode } from 'react'
import styles from './unseen.module.css'

/** Words for those who hear the page, where others see it from the place. */
export function Unseen({ children }: { readonly children: ReactNode }) {
  return <span className={styles['unseen']}>{children}</span>
}
