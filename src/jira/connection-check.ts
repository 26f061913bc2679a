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
const PERMISSION_NAMES: Readonly<Record<string, string>> = {
  BROWSE_PROJECTS: 'Browse Projects',
  EDIT_ISSUES: 'Edit Issues',
  LINK_ISSUES: 'Link Issues',
}

/** Runs the steps in order and stops at the first that fails; rejects only with the signal's reason. */
export async function checkJiraConnection(check: Check): Promise<JiraConnectionStep[]> {
  const steps: JiraConnectionStep[] = []
  const { client, transport, signal } = check
  try {
    const info = await client.getServerInfo(signal)
    steps.push(...reached(transport.base), ok('version', `Jira ${info.version}, "${info.serverTitle}"`))
    steps.push(ok('token', await checkToken(transport, signal)))
    steps.push(...(await checkPermissions(check)))
    if (steps.every((step) => step.ok)) steps.push(await checkIdentity(client, signal))
    return steps
  } catch (error) {
    signal.throwIfAborted()
    if (!isConnectorError(error)) throw error
    return [...steps, ...failureSteps(error, steps, transport.base)]
  }
}

async function checkToken(transport: JiraTransport, signal: AbortSignal): Promise<string> {
  const what = 'asking who the token belongs to'
  const user = await transport.get({ path: 'rest/api/2/myself', what, signal }, myselfSchema)
  return `Signed in as ${user.displayName || user.name} (${user.name})`
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
  const needed = ['BROWSE_PROJECTS', 'EDIT_ISSUES', ...(remoteLinks === true ? ['LINK_ISSUES'] : [])]
  const steps = await Promise.all(keys.map((projectKey) => checkProject({ transport, signal, projectKey, needed })))
  return steps
}

async function checkProject(check: { transport: JiraTransport; signal: AbortSignal; projectKey: string; needed: string[] }) {
  const { transport, signal, projectKey, needed } = check
  const what = `reading the permissions in project ${projectKey}`
  const call = { path: 'rest/api/2/mypermissions', query: { projectKey }, what, issue: projectKey, signal }
  const { permissions } = await transport.get(call, myPermissionsSchema)
  const missing = needed.filter((name) => permissions[name]?.havePermission !== true).map(nameOf)
  if (missing.length === 0) return ok('permissions', `${needed.map(nameOf).join(', ')} in project ${projectKey}`)
  const message = `The connector's user lacks ${missing.join(' and ')} in project ${projectKey}.`
  const remedy = `Grant it in the permission scheme of ${projectKey}, to the user itself or to a role or group it is in.`
  return failed('permissions', { message, remedy, code: 'jira-permission-missing' })
}

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

function nameOf(permission: string): string {
  return PERMISSION_NAMES[permission] ?? permission
}

function ok(name: StepName, message: string): JiraConnectionStep {
  return { name, ok: true, message, remedy: null, code: null }
}

function failed(name: StepName, why: Pick<JiraConnectionStep, 'message' | 'remedy' | 'code'>): JiraConnectionStep {
  return { name, ok: false, ...why }
}
