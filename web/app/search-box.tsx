import SearchIcon from '@atlaskit/icon/core/search'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import styles from './search-box.module.css'

const ISSUE_KEY = /^[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*$/

/** One box: an issue key opens its panel, everything else is explained or looked for among repositories. */
export function SearchBox() {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  return (
    <form
      role="search"
      className={styles['search']}
      onSubmit={(event) => {
        event.preventDefault()
        const wanted = text.trim()
        if (wanted === '') return
        setText('')
        if (ISSUE_KEY.test(wanted)) void navigate({ to: '/issues/$issueKey', params: { issueKey: wanted.toUpperCase() } })
        else void navigate({ to: '/explain', search: { ref: wanted } })
      }}
    >
      <SearchIcon label="" color="currentColor" />
      <input
        type="search"
        value={text}
        maxLength={200}
        aria-label="Search for an issue key, a repository, a commit or a branch"
        placeholder="Issue, repository, commit"
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  )
}
