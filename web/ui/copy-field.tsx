import Button from '@atlaskit/button/new'
import { useRef, useState } from 'react'
import { Field } from './form.tsx'
import styles from './copy-field.module.css'

/** An address that people carry to another program. */
export function CopyField({ label, value, hint }: { readonly label: string; readonly value: string; readonly hint?: string }) {
  const input = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState(false)
  const copy = async () => setCopied(await copyText(value, input.current))
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {({ id, describedBy }) => (
        <div className={styles['row']}>
          <input
            ref={input}
            id={id}
            className={styles['value']}
            readOnly
            value={value}
            aria-describedby={describedBy === '' ? undefined : describedBy}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button onClick={() => void copy()}>Copy</Button>
          <output className={styles['copied']}>{copied ? 'Copied' : ''}</output>
        </div>
      )}
    </Field>
  )
}

/** Browsers give the clipboard to pages under https alone; elsewhere the old command copies what is selected. */
async function copyText(text: string, input: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Not under https, or refused: by the selection.
    input?.select()
    return document.execCommand('copy')
  }
}
