import { useEffect, useId, useRef, type ReactNode } from 'react'
import styles from './check-box.module.css'

export interface CheckBoxProps {
  readonly label: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  /** Neither: some of what it stands for. */
  readonly mixed?: boolean
  readonly disabled?: boolean
  readonly hint?: ReactNode
  /** In tables, whose headings say what it is: the label is for screen readers. */
  readonly bare?: boolean
}

/** The browser's own check box: thousands of them cost nothing. */
export function CheckBox({ label, checked, onChange, mixed = false, disabled = false, hint, bare = false }: CheckBoxProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (input.current !== null) input.current.indeterminate = mixed
  }, [mixed])
  const described = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` }
  const box = (
    <input
      ref={input}
      id={id}
      type="checkbox"
      className={styles['box']}
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
      {...(bare ? { 'aria-label': label } : {})}
      {...described}
    />
  )
  if (bare) return <span className={styles['bare']}>{box}</span>
  return (
    <div className={styles['line']}>
      {box}
      <div>
        <label htmlFor={id}>{label}</label>
        {hint === undefined ? null : (
          <div id={`${id}-hint`} className={styles['hint']}>
            {hint}
          </div>
        )}
      </div>
    </div>
  )
}
