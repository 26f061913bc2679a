import { useId, type ReactNode } from 'react'
import styles from './form.module.css'

interface ChoicesProps<Value extends string> {
  readonly legend: string
  readonly value: Value
  readonly options: readonly {
    readonly value: Value
    readonly label: string
    readonly hint?: ReactNode
    readonly disabled?: boolean
  }[]
  readonly onChange: (value: Value) => void
}

/** One of a few, all in sight. */
export function Choices<Value extends string>({ legend, value, options, onChange }: ChoicesProps<Value>) {
  const id = useId()
  return (
    <fieldset className={styles['choices']}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <div key={option.value} className={styles['choice']}>
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={id}
            checked={option.value === value}
            disabled={option.disabled === true}
            onChange={() => onChange(option.value)}
          />
          <label htmlFor={`${id}-${option.value}`}>
            {option.label}
            {option.hint === undefined ? null : <span className={styles['hint']}>{option.hint}</span>}
          </label>
        </div>
      ))}
    </fieldset>
  )
}
