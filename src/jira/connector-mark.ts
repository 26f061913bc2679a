import { isConnectorError } from '../lib/connector-error.ts'
import { connectorMarkSchema, myselfSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

/** Who wrote to Jira last, of those that share one installation's id. */
export interface ConnectorMark {
  readonly mark: string
  /** Address of the connector, as it believes; from Jira it is anybody's text. */
  readonly url: string
}

/**
 * A property of the user that the connector signs in as (`/rest/api/2/user/properties`): people do not see it, and a user may
 * read and write their own. Where Jira does not have it, or refuses, there is no mark.
 */
export interface ConnectorMarks {
  /** null: there is none. */
  find(signal: AbortSignal): Promise<ConnectorMark | null>
  /** False: Jira does not take it. */
  save(mark: ConnectorMark, signal: AbortSignal): Promise<boolean>
}

export function createConnectorMarks(transport: JiraTransport, installationId: string): ConnectorMarks {
  const path = `rest/api/2/user/properties/${encodeURIComponent(`dvcs-connector-${installationId}`)}`
  const findUserKey = async (signal: AbortSignal): Promise<string> => {
    const what = "asking for the connector's user"
    const { key, name } = await transport.get({ path: 'rest/api/2/myself', what, signal }, myselfSchema)
    return key ?? name
  }
  return {
    async find(signal) {
      const call = { path, query: { userKey: await findUserKey(signal) }, what: 'reading the mark of the connector', signal }
      try {
        return (await transport.get(call, connectorMarkSchema)).value
      } catch (error) {
        if (isNoPlace(error)) return null
        throw error
      }
    },
    async save(mark, signal) {
      const query = { userKey: await findUserKey(signal) }
      try {
        await transport.send({ method: 'PUT', path, query, json: mark, what: 'writing the mark of the connector', signal })
        return true
      } catch (error) {
        if (isNoPlace(error)) return false
        throw error
      }
    },
  }
}

const isNoPlace = (error: unknown): boolean =>
  ['jira-unexpected-answer', 'jira-permission-missing', 'jira-refused'].some((code) => isConnectorError(error, code))
