import Button from '@atlaskit/button/new'
import { useRef, useState, type FocusEvent } from 'react'
import { Field } from './form.tsx'
import styles from './copy-field.module.css'

export interface CopyFieldProps {
  readonly label: string
  readonly value: string
  readonly hint?: string
  /** Of a text with several lines, such as a key; default: one line. */
  readonly rows?: number
}

/** An address that people carry to another program. */
export function CopyField({ label, value, hint, rows }: CopyFieldProps) {
  const shown = useRef<Selectable | null>(null)
  const [copied, setCopied] = useState(false)
  const copy = async () => setCopied(await copyText(value, shown.current))
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {({ id, describedBy }) => {
        const same = {
          id,
          className: styles['value'],
          readOnly: true,
          value,
          'aria-describedby': describedBy === '' ? undefined : describedBy,
          onFocus: (event: FocusEvent<Selectable>) => event.currentTarget.select(),
          ref: (element: Selectable | null) => {
            shown.current = element
          },
        }
        return (
          <div className={styles['row']}>
            {rows === undefined ? <input {...same} /> : <textarea rows={rows} {...same} />}
            <Button onClick={() => void copy()}>Copy</Button>
            <output className={styles['copied']}>{copied ? 'Copied' : ''}</output>
          </div>
        )
      }}
    </Field>
  )
}

type Selectable = HTMLInputElement | HTMLTextAreaElement

/** Browsers give the clipboard to pages under https alone; elsewhere the old command copies what is selected. */
async function copyText(text: string, input: Selectable | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Not under https, or refused: by the selection.
    input?.select()
    return document.execCommand('copy')
  }
}
