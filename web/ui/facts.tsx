import type { ReactNode } from 'react'
import styles from './facts.module.css'

/** A name and what there is to say. */
export type Fact = readonly [name: string, value: ReactNode]

/** Names and values in pairs. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles['fact']}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
