import CheckCircleIcon from '@atlaskit/icon/core/check-circle'
import ClockIcon from '@atlaskit/icon/core/clock'
import CrossCircleIcon from '@atlaskit/icon/core/cross-circle'
import InformationCircleIcon from '@atlaskit/icon/core/information-circle'
import { Link } from '@tanstack/react-router'
import type { ExplanationJson } from '../../../src/contract/explain.ts'
import { splitDeliveries } from './split-deliveries.ts'
import { STEP_NAMES } from './step-names.ts'
import styles from './explain.module.css'

type Step = ExplanationJson['subjects'][number]['steps'][number]

/** The way, from top to bottom, and what to do where it stopped. */
export function StepList({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className={styles['steps']}>
      {steps.map((step, index) => (
        <li key={index} className={styles['step']} data-state={step.state}>
          <span className={styles['mark']}>
            <Mark state={step.state} />
          </span>
          <div className={styles['words']}>
            <h3 className={styles['name']}>{STEP_NAMES[step.step]}</h3>
            <p className={styles['text']}>
              <Linked text={step.text} />
            </p>
            {step.remedy === null ? null : <p className={styles['remedy']}>{step.remedy}</p>}
          </div>
        </li>
      ))}
    </ol>
  )
}

function Mark({ state }: { readonly state: Step['state'] }) {
  switch (state) {
    case 'yes':
      return <CheckCircleIcon label="Done" color="var(--ds-icon-success)" />
    case 'no':
      return <CrossCircleIcon label="Stopped here" color="var(--ds-icon-danger)" />
    case 'waiting':
      return <ClockIcon label="Waiting" color="var(--ds-icon-warning)" />
    case 'note':
      return <InformationCircleIcon label="Note" color="var(--ds-icon-subtle)" />
  }
}

/** Deliveries that a text names lead to themselves. */
function Linked({ text }: { readonly text: string }) {
  return (
    <>
      {splitDeliveries(text).map(({ part, delivery }, index) =>
        delivery ? (
          <Link key={index} to="/deliveries" search={{ delivery: part }}>
            {part}
          </Link>
        ) : (
          part
        ),
      )}
    </>
  )
}
