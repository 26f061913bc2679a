import type { AccountChange, AccountJson, NewAccount } from '../../../../src/contract/account.ts'
import { ApiError } from '../../../ui/api.ts'

export const GITLAB_COM = 'https://gitlab.com'

/** The settings of an account as they stand in fields. Empty secrets: not given. */
export interface AccountForm {
  readonly name: string
  readonly id: string
  readonly url: string
  readonly owner: string
  readonly method: 'token' | 'oauth'
  readonly token: string
  readonly clientId: string
  readonly clientSecret: string
  readonly autoLink: boolean
  readonly smartCommits: boolean
  readonly smartCommitTrust: AccountJson['smartCommitTrust']
  readonly smartCommitReplies: boolean
  /** A glob a line. */
  readonly include: string
  readonly exclude: string
  /** Keys, separated by anything. */
  readonly jiraProjects: string
  readonly webhooks: AccountJson['webhooks']
  readonly webhookSecret: string
  readonly gitUrl: string
  readonly webhookAdminToken: string
}

type Secrets = Pick<AccountChange, 'token' | 'oauth' | 'webhookAdminToken' | 'webhookSecret'>

export type FormErrors = Partial<Record<keyof AccountForm, string>>

export const NEW_ACCOUNT: AccountForm = {
  name: '',
  id: '',
  url: GITLAB_COM,
  owner: '',
  method: 'token',
  token: '',
  clientId: '',
  clientSecret: '',
  autoLink: true,
  smartCommits: true,
  smartCommitTrust: 'author',
  smartCommitReplies: false,
  include: '**',
  exclude: '',
  jiraProjects: '',
  webhooks: 'auto',
  webhookSecret: '',
  gitUrl: '',
  webhookAdminToken: '',
}

/** What a form forgets once it is stored. */
export const NO_SECRETS = { token: '', clientId: '', clientSecret: '', webhookSecret: '', webhookAdminToken: '' } as const

/** What is stored, without secrets: those are never told. */
export function toForm(account: AccountJson): AccountForm {
  return {
    ...NEW_ACCOUNT,
    id: account.id,
    name: account.name,
    url: account.url,
    owner: account.owner ?? '',
    method: account.credential?.kind ?? 'token',
    autoLink: account.autoLink,
    smartCommits: account.smartCommits,
    smartCommitTrust: account.smartCommitTrust,
    smartCommitReplies: account.smartCommitReplies,
    include: account.include.join('\n'),
    exclude: account.exclude.join('\n'),
    jiraProjects: account.jiraProjects.join(', '),
    webhooks: account.webhooks,
    gitUrl: account.gitUrl ?? '',
  }
}

export function toLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function toProjectKeys(text: string): string[] {
  return [...new Set(text.toUpperCase().split(/[\s,;]+/))].filter((key) => key !== '')
}

/** An id from a name: what the pattern of ids allows. */
export function suggestId(name: string): string {
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64)
  return id === 'jira' ? 'jira-account' : id
}

/** As Jira's dialog did: somebody who pastes a group's whole address gives address and owner at once. */
export function withOwner(form: AccountForm, text: string): AccountForm {
  const pasted = /^(https?:\/\/[^\s/]+)\/([^?#]*)/.exec(text.trim())
  if (pasted === null) return { ...form, owner: text }
  const [, url = form.url, path = ''] = pasted
  return { ...form, url, owner: path.replaceAll(/^groups\/|\/-\/.*$|\/+$/g, '') }
}

const settingsOf = (form: AccountForm) => ({
  name: form.name.trim(),
  url: form.url.trim().replace(/\/+$/, ''),
  owner: emptyToNull(form.owner.trim()),
  gitUrl: emptyToNull(form.gitUrl.trim().replace(/\/+$/, '')),
  autoLink: form.autoLink,
  smartCommits: form.smartCommits,
  smartCommitTrust: form.smartCommitTrust,
  smartCommitReplies: form.smartCommitReplies,
  include: toLines(form.include).length === 0 ? ['**'] : toLines(form.include),
  exclude: toLines(form.exclude),
  jiraProjects: toProjectKeys(form.jiraProjects),
  webhooks: form.webhooks,
})

export const nameOf = (form: AccountForm) => form.name.trim() || form.owner.trim() || URL.parse(form.url)?.hostname || ''

export const idOf = (form: AccountForm) => form.id.trim() || suggestId(nameOf(form))

/** The sign-in as it was typed; empty: the stored one stays. */
export function toSignIn({ method, token, clientId, clientSecret }: AccountForm): Secrets {
  if (method === 'token') return token.trim() === '' ? {} : { token: token.trim() }
  if (clientId.trim() === '' && clientSecret.trim() === '') return {}
  return { oauth: { clientId: clientId.trim(), clientSecret: clientSecret.trim() } }
}

function toWebhookSecrets({ webhooks, webhookSecret, webhookAdminToken }: AccountForm): Secrets {
  return {
    ...(webhooks === 'manual' && webhookSecret.trim() !== '' ? { webhookSecret: webhookSecret.trim() } : {}),
    ...(webhookAdminToken.trim() === '' ? {} : { webhookAdminToken: webhookAdminToken.trim() }),
  }
}

export function toNewAccount(form: AccountForm): NewAccount {
  return {
    id: idOf(form),
    host: 'gitlab',
    ...settingsOf(form),
    name: nameOf(form),
    ...toSignIn(form),
    ...toWebhookSecrets(form),
  }
}

/** What of the form differs from the account. */
export function toAccountChange(form: AccountForm, account: AccountJson): AccountChange {
  const changed = Object.entries(settingsOf(form)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(account[name as keyof AccountJson]),
  )
  const settings = Object.fromEntries(changed) as AccountChange
  // Of the old address; null takes it away where no other is given.
  const adminToken = settings.url === undefined ? {} : { webhookAdminToken: null }
  return { ...settings, ...adminToken, ...toSignIn(form), ...toWebhookSecrets(form) }
}

/** What can be told without asking the connector. */
export function findErrors(form: AccountForm): FormErrors {
  return {
    ...(URL.parse(form.url) !== null && /^https?:\/\//.test(form.url)
      ? {}
      : { url: 'Valid url is required, such as https://gitlab.example.com.' }),
    ...(form.gitUrl.trim() === '' || /^https?:\/\//.test(form.gitUrl) ? {} : { gitUrl: 'Valid url is required.' }),
    ...findSignInErrors(form),
    ...(form.webhooks === 'manual' && form.webhookSecret.trim() === ''
      ? { webhookSecret: 'This field is required: hooks installed by hand carry it.' }
      : {}),
    ...findProjectErrors(form),
  }
}

/** The stored sign-in is not sent to another place than the one it was given for. */
export function isOtherAddress(form: AccountForm, account: Pick<AccountJson, 'url' | 'gitUrl'>): boolean {
  const { url, gitUrl } = settingsOf(form)
  return url !== account.url || gitUrl !== account.gitUrl
}

/** As `findErrors`, for an account whose secrets are stored: they are needed only where they do not stay. */
export function findChangeErrors(form: AccountForm, account: AccountJson): FormErrors {
  const { token, clientId, clientSecret, webhookSecret, ...errors } = findErrors(form)
  const signIn = { token, clientId, clientSecret }
  const needed = [
    ...(isOtherAddress(form, account) ? Object.entries(signIn) : []),
    ...(account.webhooks === 'manual' ? [] : [['webhookSecret', webhookSecret] as const]),
    ...(form.name.trim() === '' ? [['name', 'This field is required.'] as const] : []),
  ]
  return { ...errors, ...(Object.fromEntries(needed.filter(([, error]) => error !== undefined)) as FormErrors) }
}

export function findSignInErrors({ method, token, clientId, clientSecret }: AccountForm): FormErrors {
  if (method === 'token') return token.trim() === '' ? { token: 'This field is required.' } : {}
  return {
    ...(clientId.trim() === '' ? { clientId: 'Client ID must not be blank.' } : {}),
    ...(clientSecret.trim() === '' ? { clientSecret: 'Client secret must not be blank.' } : {}),
  }
}

export function findProjectErrors({ jiraProjects }: Pick<AccountForm, 'jiraProjects'>): FormErrors {
  const wrong = toProjectKeys(jiraProjects).find((key) => !/^[A-Z][A-Z0-9_]*$/.test(key))
  return wrong === undefined ? {} : { jiraProjects: `“${wrong}” is not a project key such as SHOP.` }
}

/** What the connector said about single fields; `oauth.clientId` and `include.0` belong to one field here. */
export function findRefused(error: unknown): FormErrors {
  if (!(error instanceof ApiError)) return {}
  if (error.code === 'account-exists') return { id: error.remedy ?? error.message }
  const errors: Record<string, string> = {}
  for (const { field, message } of error.problem?.errors ?? []) {
    const [first = '', second = ''] = field.split('.')
    errors[first === 'oauth' ? second : first] ??= message
  }
  return errors
}

const emptyToNull = (text: string) => (text === '' ? null : text)
