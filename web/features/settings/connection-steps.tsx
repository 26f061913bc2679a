import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import StatusSuccessIcon from '@atlaskit/icon/core/status-success'
import StatusWarningIcon from '@atlaskit/icon/core/status-warning'
import type { ConnectionStepJson } from '../../../src/contract/connection.ts'
import type { JiraCheckJson } from '../../../src/contract/jira-connection.ts'
import { toStepName } from '../../ui/connection-step-name.ts'
import styles from './parts.module.css'

/** What a connection test found, step by step. */
export function ConnectionSteps({ steps }: { readonly steps: readonly ConnectionStepJson[] }) {
  return (
    <ol className={styles['steps']} aria-label="Connection test">
      {steps.map((step) => (
        <li key={step.name} className={styles['step']}>
          <Mark state={step.ok ? 'ok' : 'failed'} />
          <span>
            <span className={styles['stepName']}>{toStepName(step.name)}</span>: {step.message}{' '}
            <span className={styles['remedy']}>{step.ok ? '' : step.remedy}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** The permissions that were asked for: what is there, what is missing, what each is for. */
export function Permissions({ permissions }: Pick<JiraCheckJson, 'permissions'>) {
  if (permissions.length === 0) return null
  return (
    <ul className={styles['steps']} aria-label="Permissions">
      {permissions.map(({ name, project, granted, needed, neededFor }) => (
        <li key={`${name} ${project}`} className={styles['step']}>
          <Mark state={granted ? 'ok' : needed ? 'failed' : 'missing'} />
          <span>
            <span className={styles['stepName']}>
              {name}
              {project === null ? '' : ` in ${project}`}
            </span>
            : {granted ? 'granted' : needed ? 'missing' : 'missing, optional'}{' '}
            <span className={styles['remedy']}>({neededFor})</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Mark({ state }: { readonly state: 'ok' | 'failed' | 'missing' }) {
  switch (state) {
    case 'ok':
      return <StatusSuccessIcon label="Passed" color="var(--ds-icon-success)" />
    case 'failed':
      return <StatusErrorIcon label="Failed" color="var(--ds-icon-danger)" />
    case 'missing':
      return <StatusWarningIcon label="Missing" color="var(--ds-icon-warning)" />
  }
}
