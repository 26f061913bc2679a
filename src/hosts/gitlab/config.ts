import type { HostToken } from '../../domain/host-token.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { Clock } from '../../lib/clock.ts'
import type { HttpClient } from '../../lib/http-client.ts'
import type { Logger } from '../../lib/logger.ts'

/** What a connection to one GitLab account needs. Tokens are secrets: they leave only in request headers. */
export interface GitLabSettings {
  /** Address of the web interface; a relative root is allowed, `/api/v4` may be pasted along. */
  readonly url: string
  /** Other address for Git over HTTP; null: the same. */
  readonly gitUrl: string | null
  /** Path of a group, subgroup or user; null: everything the token can read. */
  readonly owner: string | null
  readonly token: HostToken
  /** Second credential, used only to manage webhooks; null: the first one is used. */
  readonly webhookAdminToken: string | null
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
}

/** Addresses of one GitLab; all end with a slash. */
export interface GitLabAddresses {
  readonly base: URL
  readonly api: URL
  readonly git: URL
}

/** Reads the configured addresses; throws `address-invalid` when one cannot be used. */
export function parseAddresses({ url, gitUrl }: Pick<GitLabSettings, 'url' | 'gitUrl'>): GitLabAddresses {
  const base = parseAddress(url)
  return { base, api: new URL('api/v4/', base), git: gitUrl === null ? base : parseAddress(gitUrl) }
}

/** `acme/platform` from what people paste: slashes around it, or the whole address of the group's page. */
export function parseOwnerPath(owner: string | null, base: URL): string | null {
  if (owner === null) return null
  const text = owner.trim()
  const page = /^https?:/i.test(text) ? URL.parse(text) : null
  const path = page === null ? text : decodeURIComponent(page.pathname.slice(base.pathname.length - 1))
  const parts = path.split('/').filter((part) => part !== '')
  // `groups` is a reserved word, so no owner's path begins with it.
  return (parts[0] === 'groups' ? parts.slice(1) : parts).join('/') || null
}

function parseAddress(text: string): URL {
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw toAddressInvalid('it is not an http or https address')
  }
  if (url.username !== '' || url.password !== '') throw toAddressInvalid('it contains credentials')
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(api(\/v[34])?|users\/sign_in)$/, '')
  return new URL(`${path.replace(/\/+$/, '')}/`, url.origin)
}

function toAddressInvalid(reason: string): ConnectorError {
  const remedy = 'Enter the address of the GitLab start page, such as https://gitlab.example.com, without credentials.'
  return new ConnectorError('address-invalid', { userMessage: `The address of GitLab cannot be used: ${reason}.`, remedy })
}
