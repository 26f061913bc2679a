import type { ReactNode } from 'react'
import styles from './entrance.module.css'

/** The frame of the pages before anybody is signed in. */
export function Entrance({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main id="content" className={styles['entrance']}>
      <div className={styles['card']}>
        <img src="./favicon.svg" alt="" width="40" height="40" />
        <h1 className={styles['title']}>{title}</h1>
        {children}
      </div>
    </main>
  )
}
