import { isConnectorError } from '../lib/connector-error.ts'
import { connectorMarkSchema, myselfSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

/** Who wrote to Jira last, of those that share one installation's id. */
export interface ConnectorMark {
  readonly mark: string
  /** Address of the connector, as it believes; from Jira it is anybody's text. */
  readonly url: string
}

/** The user of Jira who carries the mark, and what is there; `found` null: none. */
export interface MarkedUser {
  readonly userKey: string
  readonly found: ConnectorMark | null
}

/**
 * A property of the user that the connector signs in as (`/rest/api/2/user/properties`): people do not see it, and a user may
 * read and write their own. Jira has just said who it is when it is asked for: where this address alone fails, there is no mark.
 */
export interface ConnectorMarks {
  /** null: Jira does not tell. */
  find(signal: AbortSignal): Promise<MarkedUser | null>
  /** False: Jira does not take it. */
  save(userKey: string, mark: ConnectorMark, signal: AbortSignal): Promise<boolean>
}

export function createConnectorMarks(transport: JiraTransport, installationId: string): ConnectorMarks {
  const name = `dvcs-connector-${installationId}`
  const path = `rest/api/2/user/properties/${encodeURIComponent(name)}`
  return {
    async find(signal) {
      const what = "asking for the connector's user"
      const { key, name: userName } = await transport.get({ path: 'rest/api/2/myself', what, signal }, myselfSchema)
      const userKey = key ?? userName
      // Named, so that 404 is told apart from a page of some proxy.
      const call = { path, query: { userKey }, what: 'reading the mark of the connector', issue: name, signal }
      try {
        return { userKey, found: (await transport.get(call, connectorMarkSchema)).value }
      } catch (error) {
        if (isConnectorError(error, 'jira-issue-not-found')) return { userKey, found: null }
        if (isOfAddress(error)) return null
        throw error
      }
    },
    async save(userKey, mark, signal) {
      const what = 'writing the mark of the connector'
      try {
        await transport.send({ method: 'PUT', path, query: { userKey }, json: mark, what, issue: name, signal })
        return true
      } catch (error) {
        if (isOfAddress(error)) return false
        throw error
      }
    },
  }
}

const OF_ADDRESS = [
  'jira-issue-not-found',
  'jira-unexpected-answer',
  'jira-permission-missing',
  'jira-refused',
  // Also a 405 to a write, and an error of this resource alone.
  'jira-read-only',
  'jira-unavailable',
]

const isOfAddress = (error: unknown): boolean => OF_ADDRESS.some((code) => isConnectorError(error, code))
