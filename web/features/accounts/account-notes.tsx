import Button from '@atlaskit/button/new'
import { Link } from '@tanstack/react-router'
import type { AccountJson } from '../../../src/contract/account.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Progress } from '../../ui/progress.tsx'
import { describeFilePlace } from './account-texts.ts'
import type { AccountDialogName } from './account-dialogs.tsx'
import { useSignIn } from './use-account.ts'
import styles from './account-card.module.css'

interface AccountNotesProps {
  readonly account: AccountJson
  readonly refreshing: boolean
  readonly onRefresh: () => void
  readonly onOpen: (dialog: AccountDialogName) => void
}

/** What somebody should know of an account before its repositories: trouble first. */
export function AccountNotes({ account, refreshing, onRefresh, onOpen }: AccountNotesProps) {
  const { state, problem, warnings, deletion, name } = account
  return (
    <div className={styles['notes']}>
      {deletion === null ? null : <Deletion name={name} deletion={deletion} onAgain={() => onOpen('delete')} />}
      {problem === null || state === 'deleting' ? null : (
        <ProblemNote
          title={state === 'needs-sign-in' ? titleOfRefusal(account) : 'This account does not work as it should'}
          problem={problem}
          appearance={state === 'needs-sign-in' ? 'error' : 'warning'}
          actions={<ProblemActions account={account} refreshing={refreshing} onRefresh={onRefresh} onOpen={onOpen} />}
        />
      )}
      {warnings.map((warning) => (
        <ProblemNote
          key={warning.code + warning.message}
          title={isTwice(warning) ? 'Smart commits would be executed twice' : 'Worth a look'}
          problem={warning}
          appearance="warning"
          actions={isTwice(warning) ? <AskJiraAgain /> : undefined}
        />
      ))}
    </div>
  )
}

const isTwice = ({ code }: AccountJson['warnings'][number]) => code === 'smart-commits-twice'

/** The warning is by what Jira told last; this page asks it anew. */
function AskJiraAgain() {
  return (
    <Link to="/settings/$part" params={{ part: 'jira' }}>
      Jira’s built-in connector in Settings
    </Link>
  )
}

function titleOfRefusal({ credential }: AccountJson): string {
  if (credential?.kind === 'oauth') return 'Invalid credentials, please reset OAuth settings or sign in again'
  return 'Invalid credentials, please change them'
}

function ProblemActions({ account, refreshing, onRefresh, onOpen }: AccountNotesProps) {
  const signIn = useSignIn()
  const { managedBy, credential, state, id } = account
  return (
    <div className={styles['ways']}>
      {state === 'needs-sign-in' && credential?.kind === 'oauth' && managedBy === 'browser' ? (
        <Button appearance="primary" spacing="compact" onClick={() => void signIn(id)}>
          Sign in at the host
        </Button>
      ) : null}
      {managedBy === 'browser' ? (
        <Button spacing="compact" onClick={() => onOpen('credentials')}>
          {credential?.kind === 'oauth' ? 'Reset OAuth settings' : 'Change credentials'}
        </Button>
      ) : (
        <p>{describeFilePlace(id)}</p>
      )}
      <Button spacing="compact" isLoading={refreshing} onClick={onRefresh}>
        Try again
      </Button>
    </div>
  )
}

interface DeletionProps {
  readonly name: string
  readonly deletion: NonNullable<AccountJson['deletion']>
  readonly onAgain: () => void
}

function Deletion({ name, deletion: { repositories, problem }, onAgain }: DeletionProps) {
  const { done, total } = repositories
  if (problem !== null) {
    const again = (
      <Button spacing="compact" onClick={onAgain}>
        Delete again…
      </Button>
    )
    return <ProblemNote title={`“${name}” could not be deleted completely`} problem={problem} actions={again} />
  }
  return (
    <div className={styles['deletion']}>
      <output>
        Deleting account “{name}”: {done.toLocaleString('en')} of {total.toLocaleString('en')} repositories
      </output>
      <Progress label={`Deletion of ${name}`} value={total === 0 ? null : done / total} />
    </div>
  )
}
