import type { GivenOptions } from './gather.ts'
import type { Loading } from './loading.ts'
import type { OptionTable, ValuesOf } from './option.ts'
import type { ACCOUNT_OPTIONS, OPTIONS } from './options.ts'
import { findReadProblem } from './read-file.ts'

export interface Scope<Table extends OptionTable> {
  readonly values: Partial<ValuesOf<Table>>
  readonly given: GivenOptions
  readonly loading: Loading
  /** For problems without a place of their own. */
  readonly line: number | null
  /** Prefix of keys, such as `accounts[0].`. */
  readonly at: string
}

/** Reports what no single option can know: what needs or excludes something else. */
export function checkOptions(scope: Scope<typeof OPTIONS>): void {
  const { values, given } = scope
  const has = (path: keyof typeof OPTIONS) => given.has(path)
  if (values.database?.kind === 'postgresql' && !has('server.secretKey')) {
    reportAt(scope, 'database', {
      key: 'server.secretKey',
      message: 'is required with PostgreSQL, the same on every node; "openssl rand -base64 32" makes one',
    })
  }
  const ofJira = [...given.keys()].find((path) => path.startsWith('jira.'))
  if (ofJira !== undefined) {
    if (!has('jira.url')) reportAt(scope, ofJira, { key: 'jira.url', message: 'is missing: the address of Jira' })
    checkJiraCredentials(scope, ofJira)
    checkJiraOAuth(scope)
    if (values['jira.webhooks'] === 'manual' && !has('jira.webhookSecret')) {
      reportAt(scope, 'jira.webhooks', { key: 'jira.webhookSecret', message: 'is required with webhooks: manual' })
    }
  }
  for (const [index, file] of (values['network.ca'] ?? []).entries()) {
    const message = findReadProblem(file)
    if (message !== null) reportAt(scope, 'network.ca', { key: `network.ca[${index}]`, message })
  }
}

function checkJiraCredentials(scope: Scope<typeof OPTIONS>, ofJira: string): void {
  const [token, username, password] = ['jira.token', 'jira.username', 'jira.password'].map((path) => scope.given.has(path))
  if (token && (username || password)) {
    reportAt(scope, 'jira.token', {
      key: 'jira.token',
      message: 'excludes jira.username and jira.password: give the one or the others',
    })
  } else if (username !== password) {
    const [missing, present] = username ? ['jira.password', 'jira.username'] : ['jira.username', 'jira.password']
    reportAt(scope, present, { key: missing, message: `is missing: it goes with ${present}` })
  } else if (!token && !username) {
    reportAt(scope, ofJira, {
      key: 'jira.token',
      message: 'is missing: a personal access token, or jira.username and jira.password',
    })
  }
}

function checkJiraOAuth(scope: Scope<typeof OPTIONS>): void {
  const names = ['jira.oauth.clientId', 'jira.oauth.clientSecret'] as const
  const missing = names.filter((name) => !scope.given.has(name))
  const present = names.find((name) => scope.given.has(name))
  if (missing[0] === undefined || present === undefined) return
  reportAt(scope, present, { key: missing[0], message: `is missing: it goes with ${present}` })
}

/** Reports what is missing from an account or does not go together. */
export function checkAccount(scope: Scope<typeof ACCOUNT_OPTIONS>, table: OptionTable): void {
  const { values, given } = scope
  for (const [name, option] of Object.entries(table)) {
    if (option.required && !given.has(name)) reportAt(scope, '', { key: name, message: 'is missing' })
  }
  if (values.webhooks === 'manual' && !given.has('webhookSecret')) {
    reportAt(scope, 'webhooks', { key: 'webhookSecret', message: 'is required with webhooks: manual' })
  }
}

/** Reports at the line of a related option, or of the whole scope where that was not given. */
function reportAt(
  scope: Scope<OptionTable>,
  related: string,
  { key, message }: { readonly key: string; readonly message: string },
): void {
  const option = scope.given.get(related)
  const place = option?.direct ?? option?.secretFile ?? { file: scope.loading.file, line: scope.line }
  scope.loading.report({ file: place.file, line: place.line, key: `${scope.at}${key}`, message })
}
