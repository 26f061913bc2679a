import { isDeepStrictEqual } from 'node:util'
import type { DevelopmentInformation } from '../../domain/development-information.ts'
import type { IssueKey } from '../../domain/ids.ts'
import { projectKeyOf } from '../../domain/issue-keys.ts'
import { FORCED_CONTENT, saveDeliveredContent, UNCERTAIN_CONTENT } from '../../db/stores/issues.ts'
import { ISSUE_PROPERTY_NAME, toIssueProperty, type IssueProperty } from '../../jira/issue-property.ts'
import { toRemoteLink, toRemoteLinkGlobalId } from '../../jira/remote-link.ts'
import type { AppContext } from '../app-context.ts'
import type { JiraConnection } from './jira-connection.ts'
import type { WriteLog, WrittenIssue } from './write-log.ts'

export interface Sending {
  readonly jira: JiraConnection
  readonly info: DevelopmentInformation
  readonly issue: WrittenIssue
  readonly log: WriteLog
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
  const { jira, info, contentHash } = sending
  const { jiraId } = sending.issue
  if (isEmpty(info)) {
    if (contentHash !== null) await remove(sending, signal)
    return null
  }
  const property = toIssueProperty(info, { level: jira.propertyLevel(projectKeyOf(info.issue as IssueKey)) })
  const hash = toDeliveredHash(property, jira)
  if (hash === contentHash) return hash
  if (contentHash === UNCERTAIN_CONTENT && (await isHeld(jira, { jiraId, property }, signal))) return hash
  if (!sending.isNew && contentHash !== UNCERTAIN_CONTENT && contentHash !== FORCED_CONTENT) {
    await app.db.write('interactive', (tx) => saveDeliveredContent(tx, jiraId, UNCERTAIN_CONTENT))
  }
  await write(sending, { property, hash }, signal)
  return hash
}

/** Every kind has its newest entries there, also what no count of the summary tells, such as a cancelled build. */
function isEmpty({ repositories }: DevelopmentInformation): boolean {
  return repositories.length === 0
}

async function write(
  { jira, info, issue, log }: Sending,
  { property, hash }: { property: IssueProperty; hash: string },
  signal: AbortSignal,
): Promise<void> {
  const { client, installationId } = jira
  const { jiraId } = issue
  if (jira.delivery.includes('property')) {
    const { json } = property
    const content = { bytes: Buffer.byteLength(json), hash }
    await log.note({ issue, kind: 'property', content }, async () =>
      toAnswer(await client.putIssueProperty(jiraId, { name: ISSUE_PROPERTY_NAME, json }, signal)),
    )
  }
  if (jira.delivery.includes('link')) {
    const link = toRemoteLink(info, { installationId, issueId: jiraId })
    const content = { bytes: Buffer.byteLength(JSON.stringify(link)), hash }
    await log.note({ issue, kind: 'link', content }, async () => toAnswer(await client.putRemoteLink(jiraId, link, signal)))
  }
}

const toAnswer = (written: 'created' | 'changed') => ({ status: written === 'created' ? 201 : 200 })

async function remove({ jira, issue, log }: Sending, signal: AbortSignal): Promise<void> {
  const { client, installationId } = jira
  const { jiraId } = issue
  const toAnswer = (wasThere: boolean) => ({ status: wasThere ? 204 : 404 })
  await log.note({ issue, kind: 'property-deletion', content: null }, async () =>
    toAnswer(await client.deleteIssueProperty(jiraId, ISSUE_PROPERTY_NAME, signal)),
  )
  if (!jira.delivery.includes('link')) return
  const globalId = toRemoteLinkGlobalId({ installationId, issueId: jiraId })
  await log.note({ issue, kind: 'link-deletion', content: null }, async () =>
    toAnswer(await client.deleteRemoteLink(jiraId, globalId, signal)),
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
