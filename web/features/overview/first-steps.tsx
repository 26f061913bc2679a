import { LinkButton } from '@atlaskit/button/new'
import CheckCircleIcon from '@atlaskit/icon/core/check-circle'
import CheckCircleUncheckedIcon from '@atlaskit/icon/core/check-circle-unchecked'
import type { OverviewJson } from '../../../src/contract/statistics.ts'
import { toFirstSteps } from './to-first-steps.ts'
import styles from './overview.module.css'

/** What is left to do before anything can appear on an issue. */
export function FirstSteps({ overview }: { readonly overview: OverviewJson }) {
  const steps = toFirstSteps(overview)
  const next = steps.findIndex(({ done }) => !done)
  return (
    <section className={styles['first']} aria-labelledby="first-steps">
      <h2 id="first-steps" className={styles['firstTitle']}>
        Get started
      </h2>
      <p className={styles['note']}>
        When these are done, commits, branches and pull requests that name an issue key appear on the issue.
      </p>
      <ol className={styles['checklist']}>
        {steps.map(({ title, text, done, action }, index) => (
          <li key={title} className={styles['check']}>
            {done ? (
              <CheckCircleIcon label="Done" color="var(--ds-icon-success)" />
            ) : (
              <CheckCircleUncheckedIcon label="To do" color="var(--ds-icon-subtle)" />
            )}
            <div>
              <h3 className={styles['checkTitle']}>{title}</h3>
              <p className={styles['note']}>{text}</p>
              {done || action === null ? null : (
                <LinkButton href={action.href} appearance={index === next ? 'primary' : 'default'}>
                  {action.label}
                </LinkButton>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
