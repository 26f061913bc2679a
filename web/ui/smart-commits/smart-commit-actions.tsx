import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import StatusInformationIcon from '@atlaskit/icon/core/status-information'
import StatusSuccessIcon from '@atlaskit/icon/core/status-success'
import { Link } from '@tanstack/react-router'
import type { SmartCommitJson } from '../../../src/contract/smart-commit.ts'
import { StrangerText } from '../stranger-text.tsx'
import { describeReply, toWritten, type SmartCommitAction } from './smart-commit-words.ts'
import styles from './smart-commits.module.css'

/** What a commit commanded, with what became of each: a skipped one says once why nothing was done. */
export function SmartCommitActions({ commit }: { readonly commit: SmartCommitJson }) {
  const { actions, problem, reply } = commit
  const replied = describeReply(reply)
  return (
    <>
      <ul className={styles['actions']} aria-label={`Commands of ${commit.commit.displayId}`}>
        {actions.map((action, index) => (
          // The order is that of the message, which never changes: an index is a name.
          <li key={index}>
            <Link to="/issues/$issueKey" params={{ issueKey: action.issue }} className={styles['key']}>
              {action.issue}
            </Link>{' '}
            <StrangerText className={styles['written']}>{toWritten(action)}</StrangerText>
            <Outcome action={action} />
          </li>
        ))}
      </ul>
      {problem === null ? null : (
        <div className={styles['more']}>
          <StrangerText>{problem.message}</StrangerText>
          <Remedy text={problem.remedy} />
        </div>
      )}
      {replied === null ? null : (
        <div className={styles['subtle']}>
          <StrangerText>{replied}</StrangerText>
        </div>
      )}
    </>
  )
}

function Outcome({ action }: { readonly action: SmartCommitAction }) {
  const { state, summary, problem, actor, user } = action
  if (problem !== null) {
    return (
      <div className={styles['problem']}>
        {state === 'skipped' ? (
          <StatusInformationIcon label="Skipped:" color={'var(--ds-icon-subtle)' as 'currentColor'} />
        ) : (
          <StatusErrorIcon label="Failed:" color={'var(--ds-icon-danger)' as 'currentColor'} />
        )}
        <div>
          <StrangerText>{problem.message}</StrangerText>
          <Remedy text={problem.remedy} />
        </div>
      </div>
    )
  }
  if (state !== 'done') return null
  return (
    <div className={styles['problem']}>
      <StatusSuccessIcon label="Done:" color={'var(--ds-icon-success)' as 'currentColor'} />
      <div>
        <StrangerText>{summary ?? 'Done.'}</StrangerText>
        {user === null ? null : (
          <div className={styles['subtle']}>
            {actor === 'author' ? 'By a token of ' : 'For '}
            <StrangerText>{user}</StrangerText>
          </div>
        )}
      </div>
    </div>
  )
}

function Remedy({ text }: { readonly text: string | null }) {
  if (text === null) return null
  return (
    <div className={styles['subtle']}>
      <StrangerText>{text}</StrangerText>
    </div>
  )
}
