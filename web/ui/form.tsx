import { useEffect, useId, useRef, type ReactNode, type SelectHTMLAttributes } from 'react'
import TextField from '@atlaskit/textfield'
import styles from './form.module.css'

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | null | undefined
  readonly required?: boolean
}

/** A labelled field with what it is for and what is wrong with it; `children` gets the ids that tie them together. */
export function Field({
  label,
  hint,
  error,
  required = false,
  children,
}: FieldProps & { children: (ids: FieldIds) => ReactNode }) {
  const id = useId()
  const hintId = `${id}-hint`
  const errorId = `${id}-error`
  const failed = error !== undefined && error !== null
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={styles['label']}>
        {label}
        {required ? (
          <span className={styles['required']} aria-hidden="true">
            {' '}
            *
          </span>
        ) : null}
      </label>
      {children({ id, describedBy: `${failed ? errorId : ''} ${hint === undefined ? '' : hintId}`.trim() })}
      {hint === undefined ? null : (
        <div id={hintId} className={styles['hint']}>
          {hint}
        </div>
      )}
      {failed ? (
        <div id={errorId} className={styles['error']} role="alert">
          {error}
        </div>
      ) : null}
    </div>
  )
}

interface FieldIds {
  readonly id: string
  readonly describedBy: string
}

export interface TextInputProps extends FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'password' | 'url' | 'search' | 'number'
  readonly placeholder?: string
  readonly autoComplete?: string
  readonly autoFocus?: boolean
  readonly readOnly?: boolean
  readonly monospaced?: boolean
  /** As low as a button: in a line of filters. */
  readonly compact?: boolean
}

export function TextInput({ value, onChange, type = 'text', monospaced = false, compact = false, ...rest }: TextInputProps) {
  const { label, hint, error, required = false, placeholder, autoComplete = 'off', autoFocus = false, readOnly = false } = rest
  return (
    <Field label={label} hint={hint} error={error} required={required}>
      {({ id, describedBy }) => (
        <TextField
          id={id}
          type={type}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          aria-describedby={describedBy === '' ? undefined : describedBy}
          isInvalid={error !== undefined && error !== null}
          isRequired={required}
          isMonospaced={monospaced}
          isCompact={compact}
          isReadOnly={readOnly}
          autoComplete={autoComplete}
          autoFocus={autoFocus}
          spellCheck={false}
          {...(placeholder === undefined ? {} : { placeholder })}
        />
      )}
    </Field>
  )
}

export interface SelectProps<Value extends string> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value'> {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly onChange: (value: Value) => void
  /** As low as a button: in a line of filters, in a table. */
  readonly compact?: boolean
}

/** The browser's own list: small, and right on every device. */
export function Select<Value extends string>({ value, options, onChange, compact = false, ...rest }: SelectProps<Value>) {
  return (
    <select
      {...rest}
      className={styles['select']}
      data-compact={compact || undefined}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.currentTarget.value)
        if (chosen !== undefined) onChange(chosen.value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

export function SelectInput<Value extends string>({
  label,
  hint,
  error,
  ...rest
}: FieldProps & Pick<SelectProps<Value>, 'value' | 'options' | 'onChange' | 'disabled' | 'compact'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy }) => <Select id={id} aria-describedby={describedBy === '' ? undefined : describedBy} {...rest} />}
    </Field>
  )
}

interface WrongAboveProps {
  /** What was found when the form was sent: with another one the focus goes to the first of these fields. */
  readonly errors: Readonly<Record<string, string | undefined>>
}

/** Beside the buttons of a long form: what is wrong stands at its fields, which may be out of sight. */
export function WrongAbove({ errors }: WrongAboveProps) {
  const note = useRef<HTMLParagraphElement>(null)
  useEffect(() => focusFirstWrong(note.current?.closest('form')), [errors])
  return (
    <p ref={note} className={styles['wrong']}>
      Something above is missing or wrong.
    </p>
  )
}

export function focusFirstWrong(form: HTMLFormElement | null | undefined): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}

/** Buttons under a form, the main one first as in Jira. */
export function FormActions({ children }: { readonly children: ReactNode }) {
  return <div className={styles['actions']}>{children}</div>
}
