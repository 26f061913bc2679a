import type { ReactNode } from 'react'
import type { AccountJson } from '../../../src/contract/account.ts'
import { Time, useNow } from '../../ui/time.tsx'
import { toClockTime } from '../../ui/times.ts'
import { describeCaller, describeCounts, WEBHOOK_LEVELS } from './account-texts.ts'
import { WEBHOOK_LABELS } from './repositories/webhook-mark.tsx'
import styles from './account-facts.module.css'

/** How an account is, in a line or two. */
export function AccountFacts({ account }: { readonly account: AccountJson }) {
  const { repositories, lastSync, nextSync, webhook, rateLimit } = account
  return (
    <dl className={styles['facts']}>
      <Fact label="Repositories">{describeCounts(repositories)}</Fact>
      <Fact label="Last sync">
        <Time at={lastSync} fallback="Never" />
      </Fact>
      <Fact label="Next sync">
        <NextSync at={nextSync} />
      </Fact>
      <Fact label="Webhooks">
        {WEBHOOK_LEVELS[webhook.level]}
        {webhook.level === 'off' ? '' : `: ${WEBHOOK_LABELS[webhook.state].toLowerCase()}`}
        {webhook.reason === null ? null : <span className={styles['reason']}>{webhook.reason}</span>}
      </Fact>
      <Fact label="Requests left at the host">
        {rateLimit === null
          ? 'No limit told'
          : `${rateLimit.remaining.toLocaleString('en')} of ${rateLimit.limit.toLocaleString('en')} until ${toClockTime(rateLimit.resetsAt)}`}
      </Fact>
      <Fact label="Signed in">
        <Credential credential={account.credential} />
      </Fact>
      <Fact label="Configured by">{describeCaller(account)}</Fact>
    </dl>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={styles['fact']}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** A time that is over already: the account waits for a free place. */
function NextSync({ at }: { readonly at: string | null }) {
  const now = useNow()
  if (at === null) return 'Not planned'
  return Date.parse(at) <= now ? 'Due now' : <Time at={at} />
}

function Credential({ credential }: Pick<AccountJson, 'credential'>) {
  if (credential === null) return 'Not yet'
  const { kind, user, expiresAt } = credential
  return (
    <>
      {kind === 'token' ? 'By token' : 'By OAuth'}
      {user === null ? '' : ` as ${user}`}
      {expiresAt === null || kind === 'oauth' ? null : (
        <>
          , expires <Time at={expiresAt} />
        </>
      )}
    </>
  )
}
