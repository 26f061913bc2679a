import { Field } from './form.tsx'
import styles from './text-area.module.css'

export interface TextAreaProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
  readonly error?: string | null | undefined
  readonly rows?: number
  readonly readOnly?: boolean
}

const MOST_ROWS = 12

/** Several lines, such as a glob each; it grows with them. */
export function TextArea({ label, value, onChange, hint, error, rows = 4, readOnly = false }: TextAreaProps) {
  return (
    <Field label={label} error={error} {...(hint === undefined ? {} : { hint })}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          className={styles['area']}
          rows={toRows(value, rows)}
          value={value}
          readOnly={readOnly}
          spellCheck={false}
          aria-describedby={describedBy === '' ? undefined : describedBy}
          aria-invalid={error !== undefined && error !== null}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

const toRows = (text: string, fewest: number) => Math.max(fewest, Math.min(MOST_ROWS, text.split('\n').length))
