import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from '../../ui/page.tsx'
import { JiraAppPart } from './jira-app-part.tsx'
import { IssueKeysPart } from './issue-keys-part.tsx'
import { JiraPart } from './jira-part.tsx'
import { LogPart } from './log-part.tsx'
import { OptionsPart } from './options-part.tsx'
import { ProfilePart } from './profile-part.tsx'
import { SmartCommitsPart } from './smart-commits-part.tsx'
import { TokensPart } from './tokens-part.tsx'
import { UsersPart } from './users-part.tsx'
import { useCurrentInView } from '../../ui/use-current-in-view.ts'
import side from '../../ui/side-list.module.css'
import styles from './settings-page.module.css'

const PARTS: readonly { readonly id: string; readonly label: string; readonly show: () => ReactNode }[] = [
  { id: 'jira', label: 'Jira connection', show: () => <JiraPart /> },
  { id: 'jira-app', label: 'Jira app', show: () => <JiraAppPart /> },
  { id: 'issue-keys', label: 'Issue keys', show: () => <IssueKeysPart /> },
  { id: 'smart-commits', label: 'Smart commits', show: () => <SmartCommitsPart /> },
  { id: 'options', label: 'Configuration', show: () => <OptionsPart /> },
  { id: 'users', label: 'Users', show: () => <UsersPart /> },
  { id: 'tokens', label: 'API tokens', show: () => <TokensPart /> },
  { id: 'profile', label: 'Profile and sessions', show: () => <ProfilePart /> },
  { id: 'log', label: 'Log of changes', show: () => <LogPart /> },
]

/** `/settings/{part}`; without one the first. */
export function SettingsPage() {
  const { part = 'jira' } = useParams({ strict: false })
  const line = useCurrentInView()
  const current = PARTS.find(({ id }) => id === part)
  return (
    <Page title="Settings">
      <div className={side['layout']}>
        <nav ref={line} aria-label="Settings" className={side['nav']}>
          {PARTS.map(({ id, label }) => (
            <Link
              key={id}
              to="/settings/$part"
              params={{ part: id }}
              className={side['entry']}
              aria-current={id === part ? 'page' : undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div className={styles['content']}>
          {current === undefined ? <p>There is no such part of the settings. Choose one from the list.</p> : current.show()}
        </div>
      </div>
    </Page>
  )
}
