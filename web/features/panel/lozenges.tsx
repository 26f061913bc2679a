import Lozenge from '@atlaskit/lozenge'
import ClockIcon from '@atlaskit/icon/core/clock'
import CrossCircleIcon from '@atlaskit/icon/core/cross-circle'
import QuestionCircleIcon from '@atlaskit/icon/core/question-circle'
import RefreshIcon from '@atlaskit/icon/core/refresh'
import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import StatusSuccessIcon from '@atlaskit/icon/core/status-success'
import type { Value } from './development.ts'
import { Unseen } from '../../ui/unseen.tsx'
import styles from './lozenges.module.css'

type Appearance = 'default' | 'inprogress' | 'moved' | 'removed' | 'success'

const REQUEST_APPEARANCE: Readonly<Record<Value<'pullRequests'>['status'], Appearance>> = {
  OPEN: 'inprogress',
  MERGED: 'success',
  DECLINED: 'removed',
}

export function RequestStatus({ status, draft }: Pick<Value<'pullRequests'>, 'status' | 'draft'>) {
  return (
    <span className={styles['lozenges']}>
      <Lozenge appearance={REQUEST_APPEARANCE[status]} isBold>
        {status}
      </Lozenge>
      {draft ? <Lozenge appearance="default">DRAFT</Lozenge> : null}
    </span>
  )
}

const RUN_STATES = {
  SUCCESSFUL: { appearance: 'success', Icon: StatusSuccessIcon, colour: 'var(--ds-icon-success)' },
  FAILED: { appearance: 'removed', Icon: StatusErrorIcon, colour: 'var(--ds-icon-danger)' },
  IN_PROGRESS: { appearance: 'inprogress', Icon: RefreshIcon, colour: 'var(--ds-icon-information)' },
  PENDING: { appearance: 'default', Icon: ClockIcon, colour: 'var(--ds-icon-subtle)' },
  CANCELLED: { appearance: 'default', Icon: CrossCircleIcon, colour: 'var(--ds-icon-subtle)' },
  UNKNOWN: { appearance: 'default', Icon: QuestionCircleIcon, colour: 'var(--ds-icon-subtle)' },
} as const

/** State of a build or a deployment. */
export function RunState({ state }: { readonly state: Value<'builds'>['state'] }) {
  const { appearance, Icon, colour } = RUN_STATES[state]
  return (
    <span className={styles['lozenges']}>
      <Icon label="" color={colour as 'currentColor'} />
      <Lozenge appearance={appearance} isBold>
        {state.replace('_', ' ')}
      </Lozenge>
    </span>
  )
}

const CHANGE_APPEARANCE = { ADDED: 'success', MODIFIED: 'default', DELETED: 'removed', RENAMED: 'moved' } as const

/** What a commit did to a file. */
export function ChangeLozenge({ change }: { readonly change: keyof typeof CHANGE_APPEARANCE }) {
  return <Lozenge appearance={CHANGE_APPEARANCE[change]}>{change}</Lozenge>
}

/** The original's mark of a merge commit. */
export function MergeMark() {
  return (
    <abbr className={styles['merge']} title="Merge commit">
      <span aria-hidden="true">M</span>
      <Unseen>Merge commit</Unseen>
    </abbr>
  )
}

export function HiddenMark() {
  return <Lozenge appearance="moved">HIDDEN BY RULE</Lozenge>
}
