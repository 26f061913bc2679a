import { type ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import type { JiraIdentity, JiraServerInfo } from './jira-identity.ts'
import { myPermissionsSchema, myselfSchema } from './jira-schema.ts'
import type { JiraTransport } from './jira-transport.ts'

/** One step of a connection test, in the order tried. */
export interface JiraConnectionStep {
  readonly name: 'reachable' | 'tls' | 'version' | 'token' | 'permissions' | 'identity'
  readonly ok: boolean
  /** What was found, for people. */
  readonly message: string
  /** What to do when `ok` is false; with `ok` a hint that nothing depends on. */
  readonly remedy: string | null
  /** Stable code of the failure; null when `ok`. */
  readonly code: string | null
  /** The version, or the name of the user, in the steps that find them. */
  readonly value?: string
  /** In the steps on permissions. */
  readonly permissions?: readonly JiraPermissionFinding[]
}

/** A permission of the connector's user. */
export interface JiraPermissionFinding {
  /** As Jira calls it. */
  readonly name: string
  /** null: a global one. */
  readonly project: string | null
  readonly granted: boolean
  /** false: all works without, and something is better with it. */
  readonly needed: boolean
  readonly neededFor: string
}

/** What is used of the client, which itself offers this check. */
interface CheckedClient {
  readonly base: URL
  getServerInfo(signal: AbortSignal): Promise<JiraServerInfo>
  getIdentity(signal: AbortSignal): Promise<JiraIdentity>
  listProjects(signal: AbortSignal): Promise<readonly { readonly key: string }[]>
}

interface Check {
  readonly transport: JiraTransport
  readonly client: CheckedClient
  readonly signal: AbortSignal
  readonly sampleProjects?: readonly string[]
  readonly remoteLinks?: boolean
}

type StepName = JiraConnectionStep['name']

const SAMPLES = 3

interface KnownPermission {
  readonly name: string
  readonly neededFor: string
}

const PERMISSIONS = {
  BROWSE_PROJECTS: { name: 'Browse Projects', neededFor: 'finding the issues that commits name' },
  EDIT_ISSUES: { name: 'Edit Issues', neededFor: 'writing the development information into the issue' },
  LINK_ISSUES: { name: 'Link Issues', neededFor: 'one remote link per issue, if "link" is among what Jira gets' },
  ADD_COMMENTS: { name: 'Add Comments', neededFor: 'comments by smart commits' },
  WORK_ON_ISSUES: { name: 'Work On Issues', neededFor: 'work logs by smart commits' },
  TRANSITION_ISSUES: { name: 'Transition Issues', neededFor: 'transitions by smart commits' },
} as const satisfies Readonly<Record<string, KnownPermission>>
type PermissionKey = keyof typeof PERMISSIONS

const ADMINISTER = {
  name: 'Jira Administrators',
  neededFor: "installing Jira's webhook by itself, and looking at the accounts of the built-in connector",
}

/** Runs the steps in order and stops at the first that fails; rejects only with the signal's reason. */
export async function checkJiraConnection(check: Check): Promise<JiraConnectionStep[]> {
  const steps: JiraConnectionStep[] = []
  const { client, transport, signal } = check
  try {
    const info = await client.getServerInfo(signal)
    steps.push(...reached(transport.base))
    steps.push({ ...ok('version', `Jira ${info.version}, "${info.serverTitle}"`), value: info.version })
    steps.push(await checkToken(transport, signal))
    steps.push(...(await checkPermissions(check)))
    if (steps.every((step) => step.ok)) steps.push(await checkIdentity(client, signal))
    return steps
  } catch (error) {
    signal.throwIfAborted()
    if (!isConnectorError(error)) throw error
    return [...steps, ...failureSteps(error, steps, transport.base)]
  }
}

async function checkToken(transport: JiraTransport, signal: AbortSignal): Promise<JiraConnectionStep> {
  const user = await getJiraUser(transport, signal)
  return { ...ok('token', `Signed in as ${user.displayName || user.name} (${user.name})`), value: user.name }
}

/** Who the connector is in Jira. */
export async function getJiraUser(transport: JiraTransport, signal: AbortSignal): Promise<JiraUser> {
  const what = 'asking who the token belongs to'
  return transport.get({ path: 'rest/api/2/myself', what, signal }, myselfSchema)
}

export interface JiraUser {
  readonly name: string
  /** May be empty. */
  readonly displayName: string
}

async function checkPermissions({
  transport,
  client,
  signal,
  sampleProjects,
  remoteLinks,
}: Check): Promise<JiraConnectionStep[]> {
  const keys = sampleProjects ?? (await client.listProjects(signal)).slice(0, SAMPLES).map(({ key }) => key)
  if (keys.length === 0) {
    const remedy =
      "Give the connector's user Browse Projects and Edit Issues in the projects that are to show development information."
    return [failed('permissions', { message: "The connector's user sees no project.", remedy, code: 'jira-permission-missing' })]
  }
  const needed: PermissionKey[] = ['BROWSE_PROJECTS', 'EDIT_ISSUES', ...(remoteLinks === true ? (['LINK_ISSUES'] as const) : [])]
  const steps = await Promise.all(keys.map((projectKey) => checkProject({ transport, signal, projectKey, needed })))
  return steps
}

async function checkProject(check: {
  transport: JiraTransport
  signal: AbortSignal
  projectKey: string
  needed: readonly PermissionKey[]
}): Promise<JiraConnectionStep> {
  const { transport, signal, projectKey, needed } = check
  const what = `reading the permissions in project ${projectKey}`
  const call = { path: 'rest/api/2/mypermissions', query: { projectKey }, what, issue: projectKey, signal }
  const answer = (await transport.get(call, myPermissionsSchema)).permissions
  const has = (name: string) => answer[name]?.havePermission === true
  const permissions = [
    ...KEYS.map((key) => ({ ...PERMISSIONS[key], project: projectKey, granted: has(key), needed: needed.includes(key) })),
    { ...ADMINISTER, project: null, granted: has('ADMINISTER'), needed: false },
  ]
  const missing = needed.filter((name) => !has(name)).map(nameOf)
  if (missing.length === 0)
    return { ...ok('permissions', `${needed.map(nameOf).join(', ')} in project ${projectKey}`), permissions }
  const message = `The connector's user lacks ${missing.join(' and ')} in project ${projectKey}.`
  const remedy = `Grant it in the permission scheme of ${projectKey}, to the user itself or to a role or group it is in.`
  return { ...failed('permissions', { message, remedy, code: 'jira-permission-missing' }), permissions }
}

const KEYS = Object.keys(PERMISSIONS) as PermissionKey[]

async function checkIdentity(client: CheckedClient, signal: AbortSignal): Promise<JiraConnectionStep> {
  const { serverId, baseUrl } = await client.getIdentity(signal)
  const same = `${baseUrl}/` === client.base.href
  const message = `${baseUrl}${serverId === null ? '' : `, id ${serverId}`}`
  if (same) return ok('identity', message)
  const hint = `Jira calls itself ${baseUrl} while the connector uses ${client.base.href}. Fine behind a proxy; else correct one of them.`
  return { ...ok('identity', message), remedy: hint }
}

function reached(base: URL): JiraConnectionStep[] {
  const step = ok('reachable', `${base.href} answers`)
  return base.protocol === 'https:' ? [step, ok('tls', 'The certificate is trusted')] : [step]
}

/** The step that failed tells itself from how far the check came; a failing TLS or version step implies those before. */
function failureSteps(error: ConnectorError, before: readonly JiraConnectionStep[], base: URL): JiraConnectionStep[] {
  const step = (name: StepName) => failed(name, { message: error.userMessage, remedy: error.remedy, code: error.code })
  if (before.length > 0) return [step(nextName(before))]
  if (error.code === 'tls-failed') return [ok('reachable', `${base.host} accepts connections`), step('tls')]
  if (error.code === 'jira-cloud' || error.code === 'jira-too-old') return [...reached(base), step('version')]
  if (error.code === 'jira-captcha' || error.code === 'jira-credentials-refused') return [...reached(base), step('token')]
  return [step('reachable')]
}

function nextName(before: readonly JiraConnectionStep[]): StepName {
  const names = new Set(before.map(({ name }) => name))
  if (!names.has('token')) return 'token'
  return names.has('permissions') ? 'identity' : 'permissions'
}

function nameOf(permission: PermissionKey): string {
  return PERMISSIONS[permission].name
}

function ok(name: StepName, message: string): JiraConnectionStep {
  return { name, ok: true, message, remedy: null, code: null }
}

function failed(name: StepName, why: Pick<JiraConnectionStep, 'message' | 'remedy' | 'code'>): JiraConnectionStep {
  return { name, ok: false, ...why }
}
