import { Link } from '@tanstack/react-router'
import type { TriggerRunJson } from '../../../src/contract/trigger.ts'
import { ExternalLink } from '../../ui/external-link.tsx'
import { StrangerText } from '../../ui/stranger-text.tsx'
import { EVENT_LABELS, nameHappened } from './trigger-words.ts'
import styles from './triggers.module.css'

/** What happened at the Git host, as its people named it. */
export function Happened({ happened }: { readonly happened: TriggerRunJson['happened'] }) {
  const { event, url, repository, repositoryId } = happened
  const name = <StrangerText>{nameHappened(happened)}</StrangerText>
  return (
    <>
      <div>
        {EVENT_LABELS[event]}: {url === null ? name : <ExternalLink href={url}>{name}</ExternalLink>}
      </div>
      <div className={styles['subtle']}>
        <Link to="/repositories/$repositoryId" params={{ repositoryId }}>
          <StrangerText>{repository}</StrangerText>
        </Link>
      </div>
    </>
  )
}
