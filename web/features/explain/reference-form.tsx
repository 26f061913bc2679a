import Button from '@atlaskit/button/new'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { TextInput } from '../../ui/form.tsx'
import styles from './explain.module.css'

const LONGEST = 2_000

/** One box for whatever somebody has at hand; the address carries it, so that an answer can be shown to others. */
export function ReferenceForm({ initial }: { readonly initial: string }) {
  const [text, setText] = useState(initial)
  const navigate = useNavigate()
  return (
    <form
      role="search"
      aria-label="Explain"
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault()
        const ref = text.trim().slice(0, LONGEST)
        if (ref !== '') void navigate({ to: '/explain', search: { ref } })
      }}
    >
      <div className={styles['wide']}>
        <TextInput
          label="Commit, branch, pull request, issue key or repository"
          value={text}
          onChange={setText}
          placeholder="SHOP-7, 4f2a9c1, SHOP-7-cart, https://…/merge_requests/12"
        />
      </div>
      <Button type="submit" appearance="primary">
        Explain
      </Button>
    </form>
  )
}
