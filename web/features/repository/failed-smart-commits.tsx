import SectionMessage from '@atlaskit/section-message'
import { Link } from '@tanstack/react-router'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import { Section } from '../../ui/page.tsx'
import styles from './repository.module.css'

/** Says that smart commits failed lately, and leads to them. */
export function FailedSmartCommits({ repository: { id, smartCommitErrors } }: { readonly repository: RepositoryJson }) {
  if (smartCommitErrors === 0) return null
  return (
    <Section title="Smart commits">
      <SectionMessage appearance="error" title="Smart commit errors" headingLevel="h3">
        <p className={styles['line']}>
          {smartCommitErrors === 1
            ? 'One smart commit of the last seven days failed.'
            : `${smartCommitErrors.toLocaleString('en')} smart commits of the last seven days failed.`}
        </p>
        <p className={styles['line']}>
          <Link to="/smart-commits" search={{ repository: id, state: 'failed' }}>
            See why, and execute again
          </Link>
        </p>
      </SectionMessage>
    </Section>
  )
}
