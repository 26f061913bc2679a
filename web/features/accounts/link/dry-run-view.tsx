import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import StatusSuccessIcon from '@atlaskit/icon/core/status-success'
import SectionMessage from '@atlaskit/section-message'
import type { ConnectionStepJson } from '../../../../src/contract/connection.ts'
import type { DryRunJson } from '../../../../src/contract/dry-run.ts'
import { toStepName } from '../../../ui/connection-step-name.ts'
import { ExternalLink } from '../../../ui/external-link.tsx'
import { toDuration } from '../../../ui/times.ts'
import { WEBHOOK_LEVELS } from '../account-texts.ts'
import styles from './link.module.css'

/** What the account would be and cost. */
export function DryRunView({ dryRun }: { readonly dryRun: DryRunJson }) {
  const { ok, steps, missingRights, webhooks, estimate } = dryRun
  return (
    <section className={styles['dryRun']} aria-labelledby="dry-run-title">
      <h2 id="dry-run-title" className={styles['title']}>
        {ok ? 'Dry run: this works' : 'Dry run: this does not work yet'}
      </h2>
      <ol className={styles['steps']}>
        {steps.map((step) => (
          <li key={step.name}>
            <Step step={step} />
          </li>
        ))}
      </ol>
      {ok ? <Found repositories={dryRun.repositories} /> : null}
      {missingRights.length === 0 ? null : <MissingRights rights={missingRights} />}
      {webhooks === null ? null : (
        <p>
          Webhooks: {WEBHOOK_LEVELS[webhooks.level].toLowerCase()}. {webhooks.reason}
        </p>
      )}
      {estimate === null ? null : (
        <p>
          First synchronization: about {estimate.requests.toLocaleString('en')} requests to the host and{' '}
          {toDuration(Math.max(1, Math.round(estimate.minutes)) * 60_000)}. The newest activity comes first.
        </p>
      )}
    </section>
  )
}

function Step({ step: { name, ok, message, remedy } }: { readonly step: ConnectionStepJson }) {
  const Icon = ok ? StatusSuccessIcon : StatusErrorIcon
  return (
    <>
      <span className={ok ? styles['good'] : styles['bad']}>
        <Icon label={ok ? 'Works:' : 'Failed:'} color="currentColor" size="small" />
      </span>
      <div>
        <strong>{toStepName(name)}</strong>: {message}
        {remedy === null ? null : <div className={styles['subtle']}>{remedy}</div>}
      </div>
    </>
  )
}

function Found({ repositories }: Pick<DryRunJson, 'repositories'>) {
  const { total, listed, linked, sample } = repositories
  return (
    <>
      <p>
        {total === null ? `More than ${number(listed)}` : number(total)} repositories found.{' '}
        {total === listed ? '' : `Of the first ${number(listed)}, `}
        {number(linked)} would be linked{sample.length === 0 ? '.' : ', such as:'}
      </p>
      <ul className={styles['sample']}>
        {sample.map(({ name, url, linked: isLinked }) => (
          <li key={name}>
            <ExternalLink href={url}>{name}</ExternalLink>
            {isLinked ? '' : ' (left out)'}
          </li>
        ))}
      </ul>
    </>
  )
}

function MissingRights({ rights }: { readonly rights: DryRunJson['missingRights'] }) {
  return (
    <SectionMessage appearance="warning" title="Missing rights" headingLevel="h3">
      <ul className={styles['rights']}>
        {rights.map(({ what, neededFor, remedy }) => (
          <li key={what + neededFor}>
            <strong>{what}</strong>, needed for {neededFor}
            {remedy === null ? '' : `. ${remedy}`}
          </li>
        ))}
      </ul>
    </SectionMessage>
  )
}

const number = (count: number) => count.toLocaleString('en')
