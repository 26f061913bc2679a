import type { JiraChange, JiraCheckRequest, JiraJson } from '../../../src/contract/jira-connection.ts'

/** The form as it is filled. */
export interface JiraFields {
  readonly url: string
  readonly way: 'token' | 'password'
  readonly token: string
  readonly username: string
  readonly password: string
  readonly detail: 'full' | 'titles' | 'counts'
  readonly link: boolean
  readonly webhooks: boolean
  /** Detail by project, which only the API can change: kept as it is. */
  readonly projects: Readonly<Record<string, JiraFields['detail']>>
}

/** The form for the Jira of today: everything that is known, no secret. */
export function emptyFields(jira: JiraJson): JiraFields {
  return {
    url: jira.url ?? '',
    way: jira.auth ?? 'token',
    token: '',
    username: '',
    password: '',
    detail: jira.property?.others ?? 'full',
    link: jira.delivery.includes('link'),
    webhooks: jira.webhooks !== 'off',
    projects: jira.property?.projects ?? {},
  }
}

/** Credentials only as they were typed: none means the stored ones. */
export function toCheckRequest({ url, way, token, username, password, link }: JiraFields): JiraCheckRequest {
  const typed = (name: string, value: string) => (value === '' ? {} : { [name]: value })
  return {
    url: url.trim(),
    ...(way === 'token'
      ? typed('token', token.trim())
      : { ...typed('username', username.trim()), ...typed('password', password) }),
    delivery: link ? ['property', 'link'] : ['property'],
  }
}

export function toChange(fields: JiraFields): JiraChange {
  return {
    ...toCheckRequest(fields),
    property: { others: fields.detail, projects: { ...fields.projects } },
    webhooks: fields.webhooks ? 'auto' : 'off',
  }
}
