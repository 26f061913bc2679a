import { createHash } from 'node:crypto'
import { mayIn, PERMISSIONS, type Permission } from './access.ts'
import { type Answer, type Exchange, Refusal, type Route } from './exchange.ts'
import type { SandboxUser } from './types.ts'

export interface SystemSettings {
  readonly version: string
  readonly deploymentType: 'Server' | 'Cloud'
  readonly serverTitle: string
  /** What Jira's Server ID is: the same for a copy of this Jira. */
  readonly serverId: string
  readonly projectKeyPattern: string
  /** What the built-in DVCS connector has linked, in its own shape; absent: it is not there. */
  readonly builtInRepositories?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** What is told of apps by their keys, whatever is installed. */
  readonly apps?: Readonly<Record<string, { readonly enabled: boolean; readonly version: string }>>
}

/** Server information, identity, who am I, permissions, projects, application properties, users. */
export function systemRoutes(settings: () => SystemSettings): Route[] {
  return [
    { method: 'GET', pattern: /^\/rest\/api\/2\/serverInfo$/, handle: (exchange) => serverInfo(exchange, settings()) },
    { method: 'GET', pattern: /^\/rest\/applinks\/1\.0\/manifest$/, handle: (exchange) => manifest(exchange, settings()) },
    {
      method: 'GET',
      pattern: /^\/rest\/api\/2\/myself$/,
      handle: (exchange) => ({ status: 200, body: toUser(exchange, signedIn(exchange.user)) }),
    },
    { method: 'GET', pattern: /^\/rest\/api\/2\/configuration$/, handle: configuration },
    { method: 'GET', pattern: /^\/rest\/api\/2\/mypermissions$/, handle: myPermissions },
    { method: 'GET', pattern: /^\/rest\/api\/2\/project$/, handle: projects },
    {
      method: 'GET',
      pattern: /^\/rest\/api\/2\/application-properties$/,
      handle: (exchange) => applicationProperties(exchange, settings()),
    },
    { method: 'GET', pattern: /^\/rest\/api\/2\/user\/search$/, handle: userSearch },
    {
      method: 'GET',
      pattern: /^\/rest\/api\/2\/user\/permission\/search$/,
      handle: (exchange) => userPermissionSearch(exchange, settings().version.startsWith('8.')),
    },
  ]
}

export function signedIn(user: SandboxUser | null): SandboxUser {
  if (user === null) throw new Refusal(401, ['You are not authenticated. Authentication required to perform this operation.'])
  return user
}

/** Somebody as everybody sees them: the e-mail address as the instance shows it. */
export function toUser({ world }: Pick<Exchange, 'world'>, { name, displayName, emailAddress, active = true }: SandboxUser) {
  const { emails } = world.instance
  const shown = emails === 'shown' ? emailAddress : emailAddress.replace('@', ' at ').replaceAll('.', ' dot ')
  const email = emails === 'hidden' ? {} : { emailAddress: shown }
  return { name, key: name, ...email, displayName, active, timeZone: 'UTC', locale: 'en_US' }
}

function configuration({ user, world }: Exchange): Answer {
  signedIn(user)
  const { timeTracking } = world.instance
  const settings = { workingHoursPerDay: 8, workingDaysPerWeek: 5, timeFormat: 'pretty', defaultUnit: 'minute' }
  const body = { votingEnabled: true, watchingEnabled: true, timeTrackingEnabled: timeTracking }
  return { status: 200, body: timeTracking ? { ...body, timeTrackingConfiguration: settings } : body }
}

function serverInfo({ base, now }: Exchange, { version, deploymentType, serverTitle }: SystemSettings): Answer {
  const versionNumbers = version.split('.').map(Number)
  const [major = 0, minor = 0, patch = 0] = versionNumbers
  const buildNumber = major * 100_000 + minor * 1_000 + patch
  const times = { buildDate: '2026-01-01T00:00:00.000+0000', serverTime: now.toISOString().replace('Z', '+0000') }
  return { status: 200, body: { baseUrl: base, version, versionNumbers, deploymentType, buildNumber, ...times, serverTitle } }
}

/** Application links make their id from the Server ID, as Java's name-based UUID (version 3). */
function manifest({ base }: Exchange, { version, serverTitle, serverId }: SystemSettings): Answer {
  const bytes = createHash('md5').update(serverId).digest()
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x30
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { status: 200, body: { id, name: serverTitle, typeId: 'jira', version, url: base, publicSignup: false } }
}

function myPermissions({ query, user, world }: Exchange): Answer {
  const issueKey = query.get('issueKey') ?? query.get('issueId')
  const projectKey = query.get('projectKey') ?? query.get('projectId')
  const issue = issueKey === null ? null : world.findIssue(issueKey)
  const project = issue === null ? world.findProject(projectKey ?? '') : world.projectOf(issue)
  const visible = project !== null && mayIn(project, user, 'BROWSE_PROJECTS')
  if ((issueKey !== null || projectKey !== null) && !visible) {
    throw new Refusal(404, [issueKey === null ? `No project could be found with key '${projectKey}'.` : 'Issue Does Not Exist'])
  }
  // Without a place, a permission counts as had when it is had anywhere.
  const has = (permission: Permission) =>
    (project === null ? world.projects : [project]).some((place) => mayIn(place, user, permission))
  const permissions: Record<string, unknown> = {}
  for (const key of PERMISSIONS) permissions[key] = { key, name: key, type: 'PROJECT', havePermission: has(key) }
  const administer = { key: 'ADMINISTER', name: 'ADMINISTER', type: 'GLOBAL', havePermission: user?.administrator === true }
  return { status: 200, body: { permissions: { ...permissions, ADMINISTER: administer } } }
}

function projects({ query, user, world, base }: Exchange): Answer {
  const withKeys = (query.get('expand') ?? '').split(',').includes('projectKeys')
  const visible = world.projects.filter((project) => mayIn(project, user, 'BROWSE_PROJECTS'))
  const body = visible.map(({ id, key, name, formerKeys }) => ({
    expand: 'description,lead,url,projectKeys',
    self: `${base}/rest/api/2/project/${id}`,
    id,
    key,
    name,
    projectTypeKey: 'software',
    ...(withKeys ? { projectKeys: [...formerKeys, key] } : {}),
  }))
  return { status: 200, body }
}

function applicationProperties({ query, user }: Exchange, { projectKeyPattern }: SystemSettings): Answer {
  if (signedIn(user).administrator !== true) throw new Refusal(403, ['You do not have permission to perform this operation.'])
  const key = query.get('key')
  if (key !== 'jira.projectkey.pattern') throw new Refusal(404, [`Could not find an application property with key '${key}'.`])
  return { status: 200, body: { id: key, key, value: projectKeyPattern, name: 'Project key pattern', type: 'string' } }
}

function userSearch(exchange: Exchange): Answer {
  const { query, user, world } = exchange
  signedIn(user)
  const text = (query.get('username') ?? '').toLowerCase()
  const inactiveToo = query.get('includeInactive') === 'true'
  // A hidden address is not searched either.
  const searched = (one: SandboxUser) => (world.instance.emails === 'hidden' ? { ...one, emailAddress: '' } : one)
  const found = world.users.filter(
    (one) => (one.active !== false || inactiveToo) && text !== '' && startsWithAny(searched(one), text),
  )
  return { status: 200, body: page(found, query).map((one) => toUser(exchange, one)) }
}

/** As Jira's source of version 6 names them. */
const OLDER_NAMES: Readonly<Record<string, Permission>> = {
  BROWSE: 'BROWSE_PROJECTS',
  VIEW_VERSION_CONTROL: 'VIEW_DEV_TOOLS',
  COMMENT_ISSUE: 'ADD_COMMENTS',
  WORK_ISSUE: 'WORK_ON_ISSUES',
  TRANSITION_ISSUE: 'TRANSITION_ISSUES',
}

function userPermissionSearch(exchange: Exchange, olderNames: boolean): Answer {
  const { query, user, world } = exchange
  signedIn(user)
  const issue = world.findIssue(query.get('issueKey') ?? '')
  const project = issue === null ? world.findProject(query.get('projectKey') ?? '') : world.projectOf(issue)
  if (project === null) throw new Refusal(404, ['Issue Does Not Exist'])
  // Jira tells who may see what to administrators alone, of the whole or of the project.
  if (user?.administrator !== true && !mayIn(project, user, 'ADMINISTER_PROJECTS')) throw new Refusal(403, ['Forbidden'])
  const names = (query.get('permissions') ?? '').split(',').filter((name) => name !== '')
  if (names.length === 0) throw new Refusal(400, ['A permission string is required.'])
  const wanted = names.map((name) => {
    const found = PERMISSIONS.find((known) => known === (olderNames ? OLDER_NAMES[name] : name))
    if (found === undefined) throw new Refusal(400, [`The permission '${name}' is not valid.`])
    return found
  })
  const text = (query.get('username') ?? '').toLowerCase()
  const found = world.users.filter(
    (one) => one.active !== false && startsWithAny(one, text) && wanted.every((permission) => mayIn(project, one, permission)),
  )
  return { status: 200, body: page(found, query).map((one) => toUser(exchange, one)) }
}

/** Name, e-mail, or any word of the full name by its beginning. */
function startsWithAny(
  { name, displayName, emailAddress }: Pick<SandboxUser, 'name' | 'displayName' | 'emailAddress'>,
  text: string,
): boolean {
  return [name, emailAddress, displayName, ...displayName.split(/\s+/)].some(
    (one) => one !== '' && one.toLowerCase().startsWith(text),
  )
}

function page<T>(all: readonly T[], query: URLSearchParams): T[] {
  const startAt = Number(query.get('startAt') ?? 0)
  return all.slice(startAt, startAt + Math.min(1000, Number(query.get('maxResults') ?? 50)))
}
