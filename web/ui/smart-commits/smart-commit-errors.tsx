import StatusErrorIcon from '@atlaskit/icon/core/status-error'
import { Link } from '@tanstack/react-router'
import type { RepositoryJson } from '../../../src/contract/repository.ts'
import styles from './smart-commits.module.css'

/** The mark of a repository whose smart commits failed lately, as in Jira’s own list; it leads to them. */
export function SmartCommitErrors({ repository }: { readonly repository: RepositoryJson }) {
  const { id, name, smartCommitErrors } = repository
  if (smartCommitErrors === 0) return null
  return (
    <Link
      to="/smart-commits"
      search={{ repository: id, state: 'failed' }}
      preload={false}
      className={styles['errors']}
      title="Smart commit errors"
      aria-label={`Smart commit errors: ${name}, ${smartCommitErrors} in the last seven days`}
    >
      <StatusErrorIcon label="" color={'var(--ds-icon-danger)' as 'currentColor'} />
      <span aria-hidden="true">{smartCommitErrors.toLocaleString('en')}</span>
    </Link>
  )
}
