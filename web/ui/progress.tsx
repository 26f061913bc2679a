import styles from './progress.module.css'

/** How far something has come; without a value: that it goes on. */
export function Progress({ label, value }: { readonly label: string; readonly value: number | null }) {
  return <progress className={styles['progress']} aria-label={label} {...(value === null ? {} : { value, max: 1 })} />
}
