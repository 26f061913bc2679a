import Lozenge from '@atlaskit/lozenge'
import type { DevelopmentJson } from '../../../src/contract/development.ts'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { Time } from '../../ui/time.tsx'
import { countOf, KINDS, listEntries, type Kind } from './development.ts'
import styles from './summary-line.module.css'
import { toCounted } from './words.ts'

export interface SummaryLineProps {
  readonly development: DevelopmentJson
  /** Opens the section and goes there. */
  readonly onOpen: (kind: Kind) => void
}

/** What the panel in Jira shows: one row a kind, each leading to what it counts. */
export function SummaryLine({ development, onOpen }: SummaryLineProps) {
  const kinds = KINDS.filter((kind) => countOf(development, kind) > 0)
  if (kinds.length === 0) return null
  return (
    <ul className={styles['summary']} aria-label="Summary">
      {kinds.map((kind) => (
        <li key={kind} className={styles['part']}>
          <button type="button" className={styles['open']} onClick={() => onOpen(kind)}>
            {kind === 'deployments' ? <DeployedTo development={development} /> : toCounted(countOf(development, kind), kind)}
          </button>
          <States development={development} kind={kind} />
          <Latest development={development} kind={kind} />
        </li>
      ))}
    </ul>
  )
}

interface PartProps {
  readonly development: DevelopmentJson
  readonly kind: Kind
}

const MOST_ENVIRONMENTS = 3

function DeployedTo({ development }: Pick<PartProps, 'development'>) {
  const { environments } = development.summary.deployments
  if (environments.length === 0) return toCounted(countOf(development, 'deployments'), 'deployments')
  const more = environments.length - MOST_ENVIRONMENTS
  return (
    <>
      Deployed to <StrangerText>{environments.slice(0, MOST_ENVIRONMENTS).join(', ')}</StrangerText>
      {more > 0 ? ` and ${more} more` : null}
    </>
  )
}

type State = readonly [word: string, count: number, appearance: 'inprogress' | 'success' | 'removed']

function statesOf({ summary: { pullRequests, builds } }: DevelopmentJson, kind: Kind): readonly State[] {
  if (kind === 'pullRequests') {
    return [
      ['OPEN', pullRequests.open, 'inprogress'],
      ['MERGED', pullRequests.merged, 'success'],
      ['DECLINED', pullRequests.declined, 'removed'],
    ]
  }
  if (kind !== 'builds') return []
  return [
    ['FAILED', builds.failed, 'removed'],
    ['IN PROGRESS', builds.inProgress, 'inprogress'],
    ['SUCCESSFUL', builds.successful, 'success'],
  ]
}

/** The number only where states differ, as in Jira. */
function States({ development, kind }: PartProps) {
  const states = statesOf(development, kind).filter(([, count]) => count > 0)
  if (states.length === 0) return null
  return (
    <span className={styles['states']}>
      {states.map(([word, count, appearance]) => (
        <Lozenge key={word} appearance={appearance} isBold>
          {states.length === 1 ? word : `${count} ${word}`}
        </Lozenge>
      ))}
    </span>
  )
}

function Latest({ development, kind }: PartProps) {
  const at = listEntries(development, kind)
    .map((entry) => {
      if ('authoredAt' in entry) return entry.authoredAt
      if ('updatedAt' in entry) return entry.updatedAt
      return 'finishedAt' in entry ? entry.finishedAt : null
    })
    .find((time) => time !== null)
  if (at === undefined) return null
  return (
    <span className={styles['latest']}>
      {kind === 'pullRequests' ? 'Updated' : 'Latest'} <Time at={at} />
    </span>
  )
}
