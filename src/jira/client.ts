import type { Clock } from '../lib/clock.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { Logger } from '../lib/logger.ts'
import { listBuiltInRepositories, type BuiltInRepository } from './built-in-connector.ts'
import { checkJiraConnection, getJiraUser, type JiraConnectionStep, type JiraUser } from './connection-check.ts'
import {
  findJiraIssues,
  findIssueSummary,
  findJiraIssuesById,
  searchJira,
  type FindIssuesOptions,
  type JiraIssueRef,
  type JiraSearch,
} from './find-issues.ts'
import { createConnectorMarks, type ConnectorMarks } from './connector-mark.ts'
import { createIssueQuestions, type JiraIssueQuestions } from './issue-facts.ts'
import { createIssueActions, type JiraIssueActions } from './issue-actions.ts'
import { getJiraIdentity, getServerInfo, type JiraIdentity, type JiraServerInfo } from './jira-identity.ts'
import { applicationPropertySchema, issuePropertySchema, projectsSchema } from './jira-schema.ts'
import { createJiraTransport, type JiraAuth, type JiraCredentials, type JiraTransport } from './jira-transport.ts'
import { getOwnPerson, maySeeDevelopment, type JiraPerson } from './people.ts'
import { createPace, type Pace, type PaceState } from './pace.ts'
import type { RemoteLinkPayload } from './remote-link.ts'
import { createJiraVisibility, type JiraVisibility } from './visibility.ts'
import { createJiraWebhooks, type JiraWebhooks } from './webhook-admin.ts'

export interface JiraProject {
  /** Numeric id as text: stays when the key is changed. */
  readonly id: string
  readonly key: string
  /** Keys the project had before; they still resolve. */
  readonly formerKeys: readonly string[]
  readonly name: string
}

export interface JiraClientOptions {
  /** Base address of Jira, context path included. */
  readonly url: string | URL
  readonly auth: JiraAuth
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  /** Default: one of its own. Clients of the same Jira user should share one. */
  readonly pace?: Pace
}

/**
 * A connection to one self-hosted Jira as one user. Every call takes its turn in the pace and rejects with a
 * `ConnectorError`: `jira-anonymous` (on any answer), `jira-credentials-refused`, `jira-captcha`,
 * `jira-permission-missing`, `jira-issue-not-found`, `jira-rate-limited` (with `retryAt`), `jira-unavailable`,
 * `jira-read-only`, `jira-unexpected-answer`, `jira-refused`, or one of the HTTP client's codes.
 */
export interface JiraClient {
  readonly base: URL
  /** Rejects with `jira-too-old` below 8.14 and with `jira-cloud` for Jira Cloud. */
  getServerInfo(signal: AbortSignal): Promise<JiraServerInfo>
  /** Whose credentials these are. */
  getUser(signal: AbortSignal): Promise<JiraUser>
  /** Which Jira this is, to notice a moved or copied one. */
  getIdentity(signal: AbortSignal): Promise<JiraIdentity>
  /**
   * Tests the connection step by step and stops at the first failing step; never rejects except with the signal's reason.
   * `sampleProjects`: keys whose permissions are tested; default: the first three visible ones.
   */
  checkConnection(signal: AbortSignal, options?: JiraCheckOptions): Promise<readonly JiraConnectionStep[]>
  /** Every project the user may browse; Jira has no paging here. */
  listProjects(signal: AbortSignal): Promise<JiraProject[]>
  /** The administrator's pattern for project keys; null when the user is no administrator. Never to be run: see the traps. */
  findProjectKeyPattern(signal: AbortSignal): Promise<string | null>
  /** Current id and key of each issue that exists and is visible, by the key asked for; moved issues under their old key. */
  findIssues(keys: readonly string[], signal: AbortSignal, options?: FindIssuesOptions): Promise<Map<string, JiraIssueRef>>
  /** Id and key of today of each issue that exists and is visible, by numeric id. */
  findIssuesById(ids: readonly string[], signal: AbortSignal): Promise<Map<string, JiraIssueRef>>
  /** One page of a search. */
  searchIssues(
    search: JiraSearch,
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly issues: readonly JiraIssueRef[] }>
  /** What an issue is called; null: there is none, or it is not visible. */
  findIssueSummary(key: string, signal: AbortSignal): Promise<string | null>
  /** Who writes to this Jira, of the connectors with this id of an installation. */
  getMarks(installationId: string): ConnectorMarks
  /** What people do to issues, done for them. */
  readonly actions: JiraIssueActions
  /** Who may see what, and whether the Jira app is there. */
  readonly visibility: JiraVisibility
  /** What rules ask of issues. */
  readonly questions: JiraIssueQuestions
  /** What Jira's built-in DVCS connector has linked. */
  listBuiltInRepositories(signal: AbortSignal): Promise<BuiltInRepository[]>
  /** Jira's own webhooks, as this version of it keeps them. */
  getWebhooks(signal: AbortSignal): Promise<JiraWebhooks>
  /** Value of an issue property; undefined: there is none, or no such issue. */
  findIssueProperty(issue: string, name: string, signal: AbortSignal): Promise<unknown>
  /** Writes JSON text as an issue property. `issue` is a numeric id or a key. */
  putIssueProperty(issue: string, property: { name: string; json: string }, signal: AbortSignal): Promise<'created' | 'changed'>
  /** False: there was none, or no such issue. */
  deleteIssueProperty(issue: string, name: string, signal: AbortSignal): Promise<boolean>
  /** Creates the remote link, or updates the one with the same global id. */
  putRemoteLink(issue: string, link: RemoteLinkPayload, signal: AbortSignal): Promise<'created' | 'changed'>
  /** False: there was none, or no such issue. */
  deleteRemoteLink(issue: string, globalId: string, signal: AbortSignal): Promise<boolean>
  /** Whose credentials these are; they are used for this and not kept. */
  getPerson(credentials: JiraCredentials, signal: AbortSignal): Promise<JiraPerson & { readonly administrator: boolean }>
  /** Whether somebody may see an issue and its development information; false as well when there is no such issue. */
  maySeeDevelopment(person: Pick<JiraPerson, 'userKey' | 'name'>, issue: string, signal: AbortSignal): Promise<boolean>
  paceState(): PaceState
}

export interface JiraCheckOptions {
  readonly sampleProjects?: readonly string[]
  /** Also tests Link Issues, for `link` in `jira.delivery`. */
  readonly remoteLinks?: boolean
}

export function createJiraClient({ url, auth, http, clock, log, pace }: JiraClientOptions): JiraClient {
  const base = toBase(url)
  const ownPace = pace ?? createPace({ clock })
  const transport = createJiraTransport({ base, auth, http, clock, log, pace: ownPace })
  const client: JiraClient = {
    base,
    getServerInfo: (signal) => getServerInfo(transport, signal),
    getUser: (signal) => getJiraUser(transport, signal),
    getIdentity: (signal) => getJiraIdentity(transport, signal),
    checkConnection: (signal, options = {}) => checkJiraConnection({ transport, client, signal, ...options }),
    listProjects: (signal) => listProjects(transport, signal),
    findProjectKeyPattern: (signal) => findProjectKeyPattern(transport, signal),
    findIssues: (keys, signal, options = {}) => findJiraIssues({ transport, log, keys, signal, ...options }),
    findIssuesById: (ids, signal) => findJiraIssuesById({ transport, log, ids, signal }),
    searchIssues: (search, signal) => searchJira(transport, search, signal),
    findIssueSummary: (key, signal) => findIssueSummary(transport, key, signal),
    getMarks: (installationId) => createConnectorMarks(transport, installationId),
    actions: createIssueActions(transport),
    visibility: createJiraVisibility(transport),
    questions: createIssueQuestions(transport),
    listBuiltInRepositories: (signal) => listBuiltInRepositories(transport, signal),
    getWebhooks: async (signal) => createJiraWebhooks(transport, (await getServerInfo(transport, signal)).version),
    findIssueProperty: (issue, name, signal) => findIssueProperty({ transport, issue, name, signal }),
    putIssueProperty: (issue, { name, json }, signal) => putIssueProperty({ transport, issue, name, jsonText: json, signal }),
    deleteIssueProperty: (issue, name, signal) =>
      deleteIfThere({ transport, issue, signal, what: 'deleting an issue property', path: propertyPath(issue, name) }),
    putRemoteLink: (issue, link, signal) => putRemoteLink({ transport, issue, link, signal }),
    deleteRemoteLink: (issue, globalId, signal) =>
      deleteIfThere({ transport, issue, signal, what: 'deleting a remote link', path: linkPath(issue), query: { globalId } }),
    // With a pace of their own: theirs is not the rate limit of the connector's user.
    getPerson: (own, signal) =>
      getOwnPerson(createJiraTransport({ base, auth: own, http, clock, log, pace: createPace({ clock }) }), signal),
    maySeeDevelopment: (person, issue, signal) => maySeeDevelopment(transport, { person, issue }, signal),
    paceState: () => ownPace.state(),
  }
  return client
}

function toBase(url: string | URL): URL {
  const base = new URL(url)
  base.search = ''
  base.hash = ''
  base.username = ''
  base.password = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

async function listProjects(transport: JiraTransport, signal: AbortSignal): Promise<JiraProject[]> {
  const what = 'listing the projects'
  const query = { expand: 'projectKeys' }
  const projects = await transport.get({ path: 'rest/api/2/project', query, what, signal }, projectsSchema)
  return projects.map(({ id, key, name, projectKeys = [] }) => ({
    id,
    key,
    name,
    formerKeys: projectKeys.filter((former) => former !== key),
  }))
}

async function findProjectKeyPattern(transport: JiraTransport, signal: AbortSignal): Promise<string | null> {
  const what = 'reading the pattern of project keys'
  const query = { key: 'jira.projectkey.pattern' }
  try {
    const call = { path: 'rest/api/2/application-properties', query, what, issue: 'jira.projectkey.pattern', signal }
    return (await transport.get(call, applicationPropertySchema)).value ?? null
  } catch (error) {
    // Only administrators may read it; a Jira that has no such property answers as if the address did not exist.
    if (isConnectorError(error, 'jira-permission-missing')) return null
    if (isConnectorError(error, 'jira-issue-not-found')) return null
    throw error
  }
}

async function findIssueProperty(find: {
  transport: JiraTransport
  issue: string
  name: string
  signal: AbortSignal
}): Promise<unknown> {
  const { transport, issue, name, signal } = find
  try {
    const what = `reading property ${name} of issue ${issue}`
    return (await transport.get({ path: propertyPath(issue, name), what, issue, signal }, issuePropertySchema)).value
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return undefined
    throw error
  }
}

async function putIssueProperty(put: {
  transport: JiraTransport
  issue: string
  name: string
  jsonText: string
  signal: AbortSignal
}): Promise<'created' | 'changed'> {
  const { transport, issue, name, jsonText, signal } = put
  const what = `writing property ${name} of issue ${issue}`
  const answer = await transport.send({ method: 'PUT', path: propertyPath(issue, name), jsonText, what, issue, signal })
  return answer.status === 201 ? 'created' : 'changed'
}

async function putRemoteLink(put: {
  transport: JiraTransport
  issue: string
  link: RemoteLinkPayload
  signal: AbortSignal
}): Promise<'created' | 'changed'> {
  const { transport, issue, link, signal } = put
  if (link.globalId.length > 255) {
    throw new ConnectorError('jira-refused', {
      userMessage: `The global id of the remote link of issue ${issue} has more than 255 characters.`,
    })
  }
  const what = `writing the remote link of issue ${issue}`
  const answer = await transport.send({ method: 'POST', path: linkPath(issue), json: link, what, issue, signal })
  return answer.status === 201 ? 'created' : 'changed'
}

async function deleteIfThere(call: {
  transport: JiraTransport
  issue: string
  path: string
  what: string
  query?: Record<string, string>
  signal: AbortSignal
}): Promise<boolean> {
  const { transport, what, issue, ...rest } = call
  try {
    await transport.send({ method: 'DELETE', what: `${what} of issue ${issue}`, issue, ...rest })
    return true
  } catch (error) {
    if (isConnectorError(error, 'jira-issue-not-found')) return false
    throw error
  }
}

function propertyPath(issue: string, name: string): string {
  return `rest/api/2/issue/${encodeURIComponent(issue)}/properties/${encodeURIComponent(name)}`
}

function linkPath(issue: string): string {
  return `rest/api/2/issue/${encodeURIComponent(issue)}/remotelink`
}
