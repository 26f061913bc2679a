import Button from '@atlaskit/button/new'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { VisibilityJson } from '../../../src/contract/explain.ts'
import { TextInput } from '../../ui/form.tsx'
import { Loading, QueryView } from '../../ui/states.tsx'
import { visibilityQuery, type VisibilityQuestion } from './queries.ts'
import { StepList } from './step-list.tsx'
import styles from './explain.module.css'

const ISSUE_KEY = /^[A-Z][A-Z0-9_]*-\d+$/i

/** A person and an issue, and what stands between them. */
export function VisibilityForm() {
  const [user, setUser] = useState('')
  const [issue, setIssue] = useState('')
  const [wrong, setWrong] = useState(false)
  const [asked, setAsked] = useState<VisibilityQuestion | null>(null)
  return (
    <>
      <form
        className={styles['form']}
        aria-label="Why does somebody not see the panel?"
        onSubmit={(event) => {
          event.preventDefault()
          const isKey = ISSUE_KEY.test(issue.trim())
          setWrong(!isKey)
          setAsked(isKey ? { user: user.trim(), issue: issue.trim() } : null)
        }}
      >
        <div className={styles['wide']}>
          <TextInput
            label="Person in Jira"
            value={user}
            onChange={setUser}
            placeholder="Name, e-mail address or full name"
            required
          />
        </div>
        <TextInput
          label="Issue"
          value={issue}
          onChange={setIssue}
          placeholder="SHOP-7"
          error={wrong ? 'A whole key, such as SHOP-7.' : null}
          required
        />
        <Button type="submit">Check</Button>
      </form>
      {asked === null ? null : <Answer key={`${asked.user} ${asked.issue}`} asked={asked} />}
    </>
  )
}

const VERDICTS: Readonly<Record<VisibilityJson['visible'], string>> = {
  yes: 'sees the panel on',
  no: 'does not see the panel on',
  unknown: 'should see the panel on, as far as Jira tells,',
}

function Answer({ asked }: { readonly asked: VisibilityQuestion }) {
  const query = useQuery(visibilityQuery(asked))
  return (
    <QueryView query={query} loading={<Loading label="Asking Jira …" />}>
      {({ user, issue, visible, steps }) => (
        <section className={styles['subject']} aria-live="polite">
          <h3 className={styles['title']}>
            {user} {VERDICTS[visible]} {issue}
          </h3>
          <StepList steps={steps} />
          <p className={styles['links']}>
            <Link to="/issues/$issueKey" params={{ issueKey: issue }}>{`Development panel of ${issue}`}</Link>
            <Link to="/explain" search={{ ref: issue }}>{`Explain ${issue}`}</Link>
          </p>
        </section>
      )}
    </QueryView>
  )
}
