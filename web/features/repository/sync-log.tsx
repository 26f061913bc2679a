import { useEffect, useRef } from 'react'
import { ScrollBox } from '../../ui/scroll-box.tsx'
import type { LogLine } from './follow-sync.ts'
import styles from './repository.module.css'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** Steps and counts as the stream tells them, the newest last and in view. */
export function SyncLog({ lines }: { readonly lines: readonly LogLine[] }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lines])
  return (
    <ScrollBox box={box} role="log" label="Live log" className={styles['log']}>
      {lines.map(({ at, text }, index) => (
        <div key={`${at}-${index}`}>
          <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time> {text}
        </div>
      ))}
    </ScrollBox>
  )
}
