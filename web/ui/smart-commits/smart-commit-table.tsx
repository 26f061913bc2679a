import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import { DataRow, DataTable } from '../data-table.tsx'
import { ExternalLink } from '../external-link.tsx'
import { StateLozenge } from '../state-lozenge.tsx'
import { StrangerText } from '../stranger-text.tsx'
import { Time } from '../time.tsx'
import { SmartCommitActions } from './smart-commit-actions.tsx'
import { SMART_COMMIT_STATES } from './smart-commit-words.ts'
import styles from './smart-commits.module.css'

const COLUMNS = [{ label: 'Commit' }, { label: 'Author' }, { label: 'When' }, { label: 'State' }, { label: 'Commands' }]

interface SmartCommitTableProps {
  readonly commits: readonly SmartCommitJson[]
  /** The page of a repository is for administrators alone. */
  readonly linksRepositories: boolean
  /** What can be done with one. */
  readonly renderButton?: (commit: SmartCommitJson) => ReactNode
}

export function SmartCommitTable({ commits, ...options }: SmartCommitTableProps) {
  return (
    <DataTable label="Smart commits" columns={COLUMNS}>
      {commits.map((commit) => (
        <DataRow key={commit.id} columns={COLUMNS} cells={toCells(commit, options)} />
      ))}
    </DataTable>
  )
}

function toCells(entry: SmartCommitJson, options: Omit<SmartCommitTableProps, 'commits'>): ReactNode[] {
  const { commit, repository, state } = entry
  const { label, tone } = SMART_COMMIT_STATES[state]
  return [
    <>
      <ExternalLink href={commit.url} className={styles['hash']}>
        {commit.displayId}
      </ExternalLink>
      <div className={styles['subtle']}>
        {options.linksRepositories ? (
          <Link to="/repositories/$repositoryId" params={{ repositoryId: repository.id }} preload={false}>
            {repository.name}
          </Link>
        ) : (
          repository.name
        )}
      </div>
    </>,
    <div key="author" className={styles['author']}>
      <StrangerText>{commit.author.name}</StrangerText>
      {commit.author.email === null ? null : (
        <div className={styles['subtle']}>
          <StrangerText>{commit.author.email}</StrangerText>
        </div>
      )}
    </div>,
    <Time key="when" at={commit.authoredAt} />,
    <>
      <StateLozenge tone={tone}>{label}</StateLozenge>
      {entry.executedAt === null ? null : (
        <div className={styles['subtle']}>
          <Time at={entry.executedAt} />
        </div>
      )}
      {entry.askedBy === null ? null : (
        <div className={styles['subtle']}>
          asked by <StrangerText>{entry.askedBy}</StrangerText>
        </div>
      )}
      {options.renderButton === undefined ? null : <div className={styles['more']}>{options.renderButton(entry)}</div>}
    </>,
    <SmartCommitActions key="commands" commit={entry} />,
  ]
}
