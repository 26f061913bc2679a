import { PLACEHOLDERS, type TriggerEvent } from './trigger-words.ts'
import styles from './triggers.module.css'

/** What a comment may name for such an event. */
export function PlaceholderList({ event }: { readonly event: TriggerEvent }) {
  return (
    <details className={styles['placeholders']}>
      <summary>What a comment can name</summary>
      <dl>
        {PLACEHOLDERS.filter(({ isKnown }) => isKnown(event)).map(({ name, means }) => (
          <div key={name}>
            <dt>
              <code>{`\${${name}}`}</code>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
      <p>What others wrote, such as titles, appears as text: it neither mentions people nor runs macros.</p>
    </details>
  )
}
