import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { manifestSchema, serverInfoSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

export interface JiraServerInfo {
  /** The address Jira believes to have; may differ from the one configured here. */
  readonly baseUrl: string
  readonly version: string
  readonly serverTitle: string
}

/**
 * Which Jira this is. `serverId` is the id in the manifest of Jira's application links, made from the Server ID that
 * an installation gets at set-up: it survives upgrades and a change of address, and it is copied with the database.
 * So the same `serverId` at another `baseUrl` means "moved or copied?", and another `serverId` means another Jira.
 * `/serverInfo` has no id, and its build number and title change with upgrades and taste: they are left out.
 */
export interface JiraIdentity {
  /** null where application links are switched off: then `baseUrl` alone decides. */
  readonly serverId: string | null
  readonly baseUrl: string
}

export type JiraIdentityChange = 'same' | 'moved-or-copied' | 'different'

const OLDEST: readonly [number, number] = [8, 14]

/** Compares a stored identity with today's. */
export function compareJiraIdentity(stored: JiraIdentity, current: JiraIdentity): JiraIdentityChange {
  if (stored.serverId !== null && current.serverId !== null && stored.serverId !== current.serverId) return 'different'
  if (stored.baseUrl === current.baseUrl) return 'same'
  return stored.serverId !== null && current.serverId !== null ? 'moved-or-copied' : 'different'
}

/** What Jira tells about itself; rejects with `jira-cloud` and, below 8.14 (no access tokens there), `jira-too-old`. */
export async function getServerInfo(transport: JiraTransport, signal: AbortSignal): Promise<JiraServerInfo> {
  const what = 'asking for the version of Jira'
  const info = await transport.get({ path: 'rest/api/2/serverInfo', what, anonymousAllowed: true, signal }, serverInfoSchema)
  const title = info.serverTitle ?? 'Jira'
  if (info.deploymentType === 'Cloud') {
    throw new ConnectorError('jira-cloud', {
      userMessage: `${transport.base.href} is Jira Cloud; this connector serves self-hosted Jira (Data Center and Server) only.`,
      remedy: 'For Jira Cloud use the "GitLab for Jira Cloud" app from the Atlassian Marketplace.',
    })
  }
  const [major = 0, minor = 0] = info.versionNumbers
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new ConnectorError('jira-too-old', {
      userMessage: `${transport.base.href} is Jira ${info.version}; ${OLDEST.join('.')} or later is needed.`,
      remedy: 'Upgrade Jira. Personal access tokens, which the connector signs in with, came with 8.14.',
    })
  }
  return { baseUrl: withoutSlash(info.baseUrl), version: info.version, serverTitle: title }
}

export async function getJiraIdentity(transport: JiraTransport, signal: AbortSignal): Promise<JiraIdentity> {
  const { baseUrl } = await getServerInfo(transport, signal)
  return { serverId: await findServerId(transport, signal), baseUrl }
}

async function findServerId(transport: JiraTransport, signal: AbortSignal): Promise<string | null> {
  const what = 'asking for the identity of Jira'
  try {
    const manifest = await transport.get(
      { path: 'rest/applinks/1.0/manifest', what, anonymousAllowed: true, signal },
      manifestSchema,
    )
    return manifest.id
  } catch (error) {
    // The application-links app is disabled or shut off: that is an answer too. Anything that may pass is not.
    const absent = ['jira-unexpected-answer', 'jira-permission-missing'].some((code) => isConnectorError(error, code))
    if (absent) return null
    throw error
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
