import Button from '@atlaskit/button/new'
import type { AccountJson } from '../../../../src/contract/account.ts'
import { findOwnerPath } from '../account-texts.ts'
import { NO_FILTER, type RepositoryFilter } from './repository-filter.ts'
import styles from './repositories.module.css'

interface NoRepositoriesProps {
  readonly account: AccountJson
  readonly filter: RepositoryFilter
  readonly onClear: () => void
}

/** Why the table is empty. */
export function NoRepositories({ account, filter, onClear }: NoRepositoriesProps) {
  if (filter.text !== NO_FILTER.text || filter.state !== NO_FILTER.state) {
    return (
      <div className={styles['none']}>
        <p>No repository matches.</p>
        <Button spacing="compact" onClick={onClear}>
          Show all
        </Button>
      </div>
    )
  }
  return (
    <div className={styles['none']}>
      <p>
        <strong>No repositories.</strong>
      </p>
      <p>{explain(account)}</p>
    </div>
  )
}

function explain(account: AccountJson): string {
  const { lastSync, problem, include, exclude } = account
  if (problem !== null) return 'They are listed once what is said above is mended.'
  if (lastSync === null) return 'They are being listed for the first time.'
  const filtered = exclude.length > 0 || include.some((glob) => glob !== '**')
  const owner = findOwnerPath(account)
  const where = owner === null ? 'The token can read none' : `The token can read none in ${owner}`
  const remedy = 'Mend that at the Git host, then choose “Refresh repositories”.'
  return filtered
    ? `${where}, or “Include and exclude” leaves all of them out. Look at both, then choose “Refresh repositories”.`
    : `${where}: perhaps there is none yet, or its user is no member. ${remedy}`
}
