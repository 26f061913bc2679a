import Toggle from '@atlaskit/toggle'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { useAccountName } from '../../ui/account-names.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { useFocusThroughout } from '../../ui/use-focus-throughout.ts'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { StateLozenge } from '../../ui/state-lozenge.tsx'
import { Time } from '../../ui/time.tsx'
import { describeSyncState } from './sync-words.ts'
import { useRepositoryActions } from './use-repository-actions.ts'
import styles from './repository.module.css'

/** What the repository is, and its two switches. */
export function RepositoryFacts({ repository }: { readonly repository: RepositoryJson }) {
  const { accountId, lastActivity, hostId, sync, leftOut } = repository
  const account = useAccountName(accountId)
  const state = describeSyncState(repository)
  return (
    <Section title="Repository">
      <div className={styles['switches']}>
        <LinkedSwitch repository={repository} />
        <SmartCommitsSwitch repository={repository} />
      </div>
      <Facts
        facts={[
          [
            'State',
            <StateLozenge key="" tone={state.tone}>
              {state.label}
            </StateLozenge>,
          ],
          [
            'Account',
            <Link key="" to="/accounts/$accountId" params={{ accountId }}>
              {account}
            </Link>,
          ],
          ...(leftOut === null ? [] : [['Not linked because', leftOut] as const]),
          ['Last activity', <Time key="" at={lastActivity} fallback="None known" />],
          ['Last sync', <Time key="" at={sync.finishedAt} fallback="Never" />],
          ['Id at the Git host', hostId],
          [
            'Something missing?',
            <Link key="" to="/explain">
              Ask why
            </Link>,
          ],
        ]}
      />
    </Section>
  )
}

function LinkedSwitch({ repository: { id, linked, name } }: { readonly repository: RepositoryJson }) {
  const [asked, setAsked] = useState(false)
  const { busy, change } = useRepositoryActions(id)
  const notify = useNotify()
  const link = () => void change({ linked: true }).catch((error: unknown) => notify.failed('It was not linked', error))
  return (
    <>
      <Switch label="Linked" checked={linked} busy={busy} onChange={() => (linked ? setAsked(true) : link())} />
      {asked ? (
        <ConfirmDialog
          title={`Unlink ${name}?`}
          action="Unlink"
          appearance="warning"
          onConfirm={() => change({ linked: false })}
          onClose={() => setAsked(false)}
        >
          <p>
            Issues no longer show what this repository tells, its webhook is removed, and it is not synchronized any more. What
            was imported is kept: linking it again brings it back.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

function SmartCommitsSwitch({ repository: { id, smartCommits } }: { readonly repository: RepositoryJson }) {
  const { busy, change } = useRepositoryActions(id)
  const notify = useNotify()
  const flip = () =>
    void change({ smartCommits: !smartCommits }).catch((error: unknown) => notify.failed('Smart commits were not changed', error))
  return <Switch label="Smart commits" checked={smartCommits} busy={busy} onChange={flip} />
}

interface SwitchProps {
  readonly label: string
  readonly checked: boolean
  readonly busy: boolean
  readonly onChange: () => void
}

function Switch({ label, checked, busy, onChange }: SwitchProps) {
  const id = useId()
  useFocusThroughout(busy)
  return (
    <div className={styles['switch']}>
      <Toggle id={id} isChecked={checked} isDisabled={busy} onChange={onChange} />
      <label htmlFor={id}>{label}</label>
    </div>
  )
}
