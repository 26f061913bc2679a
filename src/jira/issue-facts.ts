import { z } from 'zod'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { searchSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

/** An issue as rules and smart commits look at it. */
export interface JiraIssueFacts {
  /** Numeric id as text. */
  readonly id: string
  /** Its key today. */
  readonly key: string
  readonly type: string
  readonly status: string
  /** The one that it is in today. */
  readonly project: { readonly id: string; readonly key: string }
}

/** What rules and smart commits ask of issues. Each call rejects with what the client's calls reject with. */
export interface JiraIssueQuestions {
  /** By key, former ones too; null: there is none, or it is not visible. */
  findFacts(key: string, signal: AbortSignal): Promise<JiraIssueFacts | null>
  /**
   * Whether a query of an administrator finds this issue, which is known to be there. Rejects with `jira-refused` when Jira
   * does not understand it, and with `jira-index-behind` or `jira-index-empty` when its index cannot tell.
   */
  isFoundBy(jql: string, issueId: string, signal: AbortSignal): Promise<boolean>
  /** Rejects with `jira-refused` when Jira does not understand the query. */
  checkQuery(jql: string, signal: AbortSignal): Promise<void>
}

const namedSchema = z.object({ name: z.string() })
const factsSchema = z.object({
  id: z.string().regex(/^\d+$/),
  key: z.string(),
  fields: z.object({ status: namedSchema, issuetype: namedSchema, project: z.object({ id: z.string(), key: z.string() }) }),
})

export function createIssueQuestions(transport: JiraTransport): JiraIssueQuestions {
  return {
    async findFacts(key, signal) {
      const path = `rest/api/2/issue/${encodeURIComponent(key)}`
      const call = { path, query: { fields: 'status,issuetype,project' }, what: `reading issue ${key}`, issue: key, signal }
      try {
        const { fields, ...issue } = await transport.get(call, factsSchema)
        return { ...issue, type: fields.issuetype.name, status: fields.status.name, project: fields.project }
      } catch (error) {
        if (isConnectorError(error, 'jira-issue-not-found') || isConnectorError(error, 'jira-permission-missing')) return null
        throw error
      }
    },
    async isFoundBy(jql, issueId, signal) {
      const { issues } = await search(transport, { jql: `id = ${issueId} AND (${jql})`, maxResults: 1 }, signal)
      if (issues.some(({ id }) => id === issueId)) return true
      await ensureIndexed(transport, issueId, signal)
      return false
    },
    async checkQuery(jql, signal) {
      // In brackets, as it is used: what sorts cannot stand there.
      await search(transport, { jql: `(${jql})`, maxResults: 0 }, signal)
    },
  }
}

/** An issue that the index does not hold is found by no query: this says nothing about the issue. */
async function ensureIndexed(transport: JiraTransport, issueId: string, signal: AbortSignal): Promise<void> {
  const { issues } = await search(transport, { jql: `id = ${issueId}`, maxResults: 1 }, signal)
  if (issues.some(({ id }) => id === issueId)) return
  const { total } = await search(transport, { jql: '', maxResults: 0 }, signal)
  throw total === 0 ? indexEmpty() : indexBehind(issueId)
}

function indexEmpty(): ConnectorError {
  return new ConnectorError('jira-index-empty', {
    userMessage: "Jira's search finds no issue at all, although there are some: its index is empty, or being built anew.",
    remedy: 'Nothing while it is being built. Else an administrator of Jira builds it, under System > Indexing.',
    retryable: true,
  })
}

function indexBehind(issueId: string): ConnectorError {
  return new ConnectorError('jira-index-behind', {
    userMessage: `Jira's search does not find the issue with the number ${issueId}, which is there: its index is behind, or the issue is archived.`,
    remedy: 'Nothing while the index catches up. Else an administrator of Jira builds it anew, under System > Indexing.',
    retryable: true,
  })
}

/** Validated by Jira: a query that names what there is not must not pass for one that finds nothing. */
function search(transport: JiraTransport, { jql, maxResults }: { jql: string; maxResults: number }, signal: AbortSignal) {
  const json = { jql, startAt: 0, maxResults, fields: ['summary'], validateQuery: true }
  return transport.sendFor(
    { method: 'POST', path: 'rest/api/2/search', json, what: 'searching by the query of a rule', signal },
    searchSchema,
  )
}
