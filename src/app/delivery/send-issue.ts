import { isDeepStrictEqual } from 'node:util'
import type { DevelopmentInformation } from '../../domain/development-information.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { saveDeliveredContent, UNCERTAIN_CONTENT } from '../../db/stores/issues.ts'
import { ISSUE_PROPERTY_NAME, toIssueProperty, type IssueProperty } from '../../jira/issue-property.ts'
import { toRemoteLink, toRemoteLinkGlobalId } from '../../jira/remote-link.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from './jira-connection.ts'

export interface Sending {
  readonly jira: JiraConnection
  readonly info: DevelopmentInformation
  readonly jiraId: string
  /** Hash of what Jira holds, as far as it is known. */
  readonly contentHash: string | null
  /** It is stored already that Jira's content is uncertain. */
  readonly isNew: boolean
}

/**
 * Writes what changed; returns the hash of what Jira holds now, null for nothing. Before a write it is stored that Jira's
 * content is uncertain: a process that dies before it records the end finds it so.
 */
export async function sendIssue(app: AppContext, sending: Sending, signal: AbortSignal): Promise<string | null> {
  const { jira, info, jiraId, contentHash } = sending
  if (isEmpty(info)) {
    if (contentHash !== null) await remove(jira, jiraId, signal)
    return null
  }
  const property = toIssueProperty(info, { level: jira.propertyLevel(projectKeyOf(info.issue as IssueKey)) })
  const hash = toDeliveredHash(property, jira)
  if (hash === contentHash) return hash
  if (contentHash === UNCERTAIN_CONTENT && (await isHeld(jira, { jiraId, property }, signal))) return hash
  if (!sending.isNew && contentHash !== UNCERTAIN_CONTENT) {
    await app.db.write('interactive', (tx) => saveDeliveredContent(tx, jiraId, UNCERTAIN_CONTENT))
  }
  if (jira.delivery.includes('property'))
    await jira.client.putIssueProperty(jiraId, { name: ISSUE_PROPERTY_NAME, json: property.json }, signal)
  if (jira.delivery.includes('link')) {
    await jira.client.putRemoteLink(jiraId, toRemoteLink(info, { installationId: jira.installationId, issueId: jiraId }), signal)
  }
  return hash
}

/** Every kind has its newest entries there, also what no count of the summary tells, such as a cancelled build. */
function isEmpty({ repositories }: DevelopmentInformation): boolean {
  return repositories.length === 0
}

async function remove(jira: JiraConnection, jiraId: string, signal: AbortSignal): Promise<void> {
  await jira.client.deleteIssueProperty(jiraId, ISSUE_PROPERTY_NAME, signal)
  if (!jira.delivery.includes('link')) return
  await jira.client.deleteRemoteLink(
    jiraId,
    toRemoteLinkGlobalId({ installationId: jira.installationId, issueId: jiraId }),
    signal,
  )
}

/** A link that is switched on later is something that Jira does not hold yet, though the property's content is the same. */
function toDeliveredHash({ contentHash }: IssueProperty, { delivery }: JiraConnection): string {
  return `${[...delivery].sort().join('+')}:${contentHash}`
}

/** Reading spares Jira a write; a remote link is written all the same, because reading it costs as much. */
async function isHeld(
  jira: JiraConnection,
  { jiraId, property }: { jiraId: string; property: IssueProperty },
  signal: AbortSignal,
): Promise<boolean> {
  if (jira.delivery.includes('link')) return false
  const held = await jira.client.findIssueProperty(jiraId, ISSUE_PROPERTY_NAME, signal)
  if (typeof held !== 'object' || held === null) return false
  return isDeepStrictEqual({ ...held, asOf: '' }, { ...(JSON.parse(property.json) as object), asOf: '' })
}
