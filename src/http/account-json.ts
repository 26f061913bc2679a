import {
  ONE_SIGN_IN_METHOD,
  WEBHOOK_SECRET_NEEDED,
  type AccountChange,
  type AccountJson,
  type NewAccount,
} from '../contract/account.ts'
import type { WarningJson } from '../contract/connection.ts'
import type { AccountOverview } from '../db/views/accounts.ts'
import { findCover } from '../app/webhooks/account-cover.ts'
import type { saveTestedAccount, TypedSecrets } from '../app/accounts/change-accounts.ts'
import type { Account } from '../domain/account.ts'
import { accountId } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { RateWindow } from '../lib/rate-budget.ts'
import { InvalidRequest } from './problem-document.ts'

type AccountSettings = Parameters<typeof saveTestedAccount>[1]['settings']

/** What is known beside the database. */
export interface AccountExtras {
  readonly rateLimit: RateWindow | null
  readonly warnings: readonly WarningJson[]
}

export function toAccountJson({ account, details }: AccountOverview, { rateLimit, warnings }: AccountExtras): AccountJson {
  const { credential, deletion } = details
  return {
    id: account.id,
    name: account.name,
    host: account.host,
    url: account.url,
    gitUrl: account.gitUrl,
    owner: account.owner,
    resolvedOwner: toOwnerJson(account),
    managedBy: account.managedBy,
    webhooks: account.webhooks,
    autoLink: account.autoLink,
    smartCommits: account.smartCommits,
    smartCommitTrust: account.smartCommitTrust,
    smartCommitReplies: account.smartCommitReplies,
    include: account.include,
    exclude: account.exclude,
    jiraProjects: account.jiraProjects,
    state: deletion === null ? account.state : 'deleting',
    problem: account.problem,
    warnings,
    lastSync: account.sweptAt?.toISOString() ?? null,
    nextSync: account.nextSweepAt?.toISOString() ?? null,
    repositories: details.repositories,
    webhook: { level: toWebhookLevel(account.webhooks, details.hook), ...details.webhook },
    rateLimit: rateLimit === null ? null : { ...rateLimit, resetsAt: rateLimit.resetsAt.toISOString() },
    credential: credential === null ? null : { ...credential, expiresAt: toTime(credential.expiresAt) },
    configuredBy: details.configuredBy,
    deletion:
      deletion === null ? null : { repositories: { done: deletion.done, total: deletion.total }, problem: deletion.problem },
  }
}

function toOwnerJson({ resolvedOwner: owner }: Account): AccountJson['resolvedOwner'] {
  return owner === null ? null : { kind: owner.kind, id: owner.hostId, path: owner.path }
}

/** What serves the repositories of an account now. */
export function toWebhookLevel(
  mode: Account['webhooks'],
  hook: AccountOverview['details']['hook'],
): AccountJson['webhook']['level'] {
  switch (mode) {
    case 'auto':
      return hook !== null && findCover({ webhooks: mode }, hook) !== null ? hook.level : 'project'
    case 'group':
    case 'project':
    case 'system':
    case 'manual':
    case 'off':
      return mode
  }
}

const toTime = (millis: number | null) => (millis === null ? null : new Date(millis).toISOString())

/**
 * The settings of a new account with the defaults of the configuration file.
 *
 * @throws InvalidRequest `webhooks` is `manual` without a secret; not one of `token` and `oauth`
 */
export function toNewSettings(given: NewAccount): AccountSettings {
  if ((given.token === undefined) === (given.oauth === undefined)) throw new InvalidRequest([ONE_SIGN_IN_METHOD])
  if (given.webhooks === 'manual' && given.webhookSecret === undefined) throw new InvalidRequest([WEBHOOK_SECRET_NEEDED])
  return {
    id: accountId(given.id),
    name: given.name ?? given.id,
    host: given.host,
    url: given.url,
    gitUrl: given.gitUrl ?? null,
    owner: given.owner ?? null,
    managedBy: 'browser',
    webhooks: given.webhooks ?? 'auto',
    autoLink: given.autoLink ?? true,
    smartCommits: given.smartCommits ?? true,
    smartCommitTrust: given.smartCommitTrust ?? 'author',
    smartCommitReplies: given.smartCommitReplies ?? false,
    include: given.include ?? ['**'],
    exclude: given.exclude ?? [],
    jiraProjects: given.jiraProjects ?? [],
  }
}

/**
 * The settings after a change; what is not given stays.
 *
 * @throws ConnectorError `token-missing` when an address changes without a token: whoever may change an account must not
 *   learn its token by sending it to an address of theirs; InvalidRequest as above
 */
export function toChangedSettings(before: Account, given: AccountChange): AccountSettings {
  const {
    resolvedOwner: _owner,
    state: _state,
    problem: _problem,
    sweptAt: _sweptAt,
    nextSweepAt: _nextSweepAt,
    ...settings
  } = before
  const { token, oauth, webhookAdminToken, webhookSecret, ...changes } = given
  if (token !== undefined && oauth !== undefined) throw new InvalidRequest([ONE_SIGN_IN_METHOD])
  const signInMethod = token ?? oauth
  const defined = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as Partial<AccountSettings>
  const changed = { ...settings, ...defined }
  if ((changed.url !== before.url || changed.gitUrl !== before.gitUrl) && signInMethod === undefined) throw tokenMissing('token')
  if (changed.url !== before.url && webhookAdminToken === undefined) throw tokenMissing('webhookAdminToken')
  if (changed.webhooks === 'manual' && before.webhooks !== 'manual' && webhookSecret === undefined) {
    throw new InvalidRequest([WEBHOOK_SECRET_NEEDED])
  }
  return changed
}

function tokenMissing(field: string): ConnectorError {
  return new ConnectorError('token-missing', {
    userMessage: `The address changes, and "${field}" is not given: what is stored is not sent to another address.`,
    remedy: `Give "${field}" again together with the address${field === 'token' ? '' : ', null for none'}.`,
  })
}

export function toTypedSecrets({ token, oauth, webhookAdminToken, webhookSecret }: AccountChange): TypedSecrets {
  return {
    ...(token === undefined ? {} : { token }),
    ...(oauth === undefined ? {} : { oauth }),
    ...(webhookAdminToken === undefined ? {} : { webhookAdminToken }),
    ...(webhookSecret === undefined ? {} : { webhookSecret }),
  }
}
