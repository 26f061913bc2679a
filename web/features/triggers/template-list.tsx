import { Link } from '@tanstack/react-router'
import { TEMPLATES } from './trigger-form.ts'
import { EVENT_LABELS } from './trigger-words.ts'
import styles from './triggers.module.css'

/** The usual ones; each opens the form filled. */
export function TemplateList() {
  return (
    <ul className={styles['templates']} aria-label="Templates">
      {TEMPLATES.map(({ id, form }) => (
        <li key={id}>
          <Link to="/triggers/new" search={{ template: id }} className={styles['template']}>
            <span className={styles['name']}>{form.name}</span>
            <span>
              <span aria-hidden="true">← </span>
              {EVENT_LABELS[form.event]}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
