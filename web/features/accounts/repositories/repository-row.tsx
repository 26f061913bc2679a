import LinkExternalIcon from '@atlaskit/icon/core/link-external'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { RepositoryJson } from '../../../../src/contract/repository.ts'
import { CheckBox } from '../../../ui/check-box.tsx'
import { ExternalLink } from '../../../ui/external-link.tsx'
import { SmartCommitErrors } from '../../../ui/smart-commits/smart-commit-errors.tsx'
import { LastActivity } from './last-activity.tsx'
import type { RowCallbacks } from './row-callbacks.ts'
import { RowMenu } from './row-menu.tsx'
import { WebhookMark } from './webhook-mark.tsx'
import styles from './repository-row.module.css'

interface RepositoryRowProps {
  readonly repository: RepositoryJson
  readonly selected: boolean
  readonly callbacks: RowCallbacks
}

/** The cells of a row, in the order of the headings. */
export const RepositoryRow = memo(function RepositoryRow({ repository, selected, callbacks }: RepositoryRowProps) {
  const { name, linked, smartCommits, webhook } = repository
  return (
    <>
      <div role="cell" className={styles['select']}>
        <CheckBox bare label={`Select ${name}`} checked={selected} onChange={() => callbacks.select(repository)} />
      </div>
      <div role="cell" className={styles['enabled']}>
        <CheckBox
          bare
          label={`Enabled: ${name}`}
          checked={linked}
          onChange={(checked) => callbacks.change(repository, { linked: checked })}
        />
        <span className={styles['cardLabel']} aria-hidden="true">
          Enabled
        </span>
      </div>
      <div role="cell" className={styles['name']}>
        <RepositoryName repository={repository} />
      </div>
      <div role="cell" className={styles['activity']}>
        <LastActivity repository={repository} onSync={callbacks.sync} onChooseSync={callbacks.chooseSync} />
      </div>
      <div role="cell" className={styles['smart']}>
        <CheckBox
          bare
          label={`Smart commits: ${name}`}
          checked={smartCommits}
          disabled={!linked}
          onChange={(checked) => callbacks.change(repository, { smartCommits: checked })}
        />
        <span className={styles['cardLabel']} aria-hidden="true">
          Smart commits
        </span>
        <SmartCommitErrors repository={repository} />
      </div>
      <div role="cell" className={styles['webhook']}>
        <span className={styles['cardLabel']} aria-hidden="true">
          Webhook
        </span>
        <WebhookMark webhook={webhook} name={name} onExplain={() => callbacks.explainWebhook(repository)} />
      </div>
      <div role="cell" className={styles['menu']}>
        <RowMenu repository={repository} callbacks={callbacks} />
      </div>
    </>
  )
})

function RepositoryName({ repository: { id, name, url } }: { readonly repository: RepositoryJson }) {
  return (
    <span className={styles['names']}>
      <Link to="/repositories/$repositoryId" params={{ repositoryId: id }} preload={false}>
        {name}
      </Link>
      <ExternalLink href={url} className={styles['external']}>
        <LinkExternalIcon label={`Open ${name} at the Git host`} color="currentColor" size="small" />
      </ExternalLink>
    </span>
  )
}
