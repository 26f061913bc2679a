import SectionMessage from '@atlaskit/section-message'
import type { ReactNode } from 'react'
import styles from './states.module.css'

export interface ProblemNoteProps {
  readonly title: string
  readonly problem: { readonly message: string; readonly remedy: string | null }
  readonly appearance?: 'error' | 'warning' | 'information'
  /** The way out. */
  readonly actions?: ReactNode
}

/** What is wrong by the connector's record: cause, what to do about it, and the buttons that do it. */
export function ProblemNote({ title, problem, appearance = 'error', actions }: ProblemNoteProps) {
  return (
    <SectionMessage appearance={appearance} title={title} headingLevel="h3">
      <p className={styles['line']}>{problem.message}</p>
      {problem.remedy === null ? null : <p className={styles['line']}>{problem.remedy}</p>}
      {actions === undefined ? null : <div className={styles['retry']}>{actions}</div>}
    </SectionMessage>
  )
}
