import { useId } from 'react'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { toCommitText } from './commit-text.ts'
import styles from './commit-message.module.css'
import { useRemembered } from './remembered.tsx'

export interface CommitMessageProps {
  readonly id: string
  readonly message: string
}

/** The first line; the whole text on demand. */
export function CommitMessage({ id, message }: CommitMessageProps) {
  const wholeId = useId()
  const [open, setOpen] = useRemembered(`message ${id}`)
  const { title, whole } = toCommitText(message)
  return (
    <div className={styles['message']}>
      <StrangerText empty="(no message)">{title}</StrangerText>
      {whole === null ? null : (
        <button
          type="button"
          className={styles['more']}
          aria-expanded={open}
          aria-controls={wholeId}
          aria-label={open ? 'Less: the first line only' : 'Show the whole message'}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Less' : '…'}
        </button>
      )}
      {whole === null || !open ? null : (
        // What is scrolled must be reachable by the keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <section id={wholeId} className={styles['whole']} tabIndex={0} aria-label="Whole message">
          <StrangerText>{whole}</StrangerText>
        </section>
      )}
    </div>
  )
}
