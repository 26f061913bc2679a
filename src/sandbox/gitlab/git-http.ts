import type { IncomingMessage, ServerResponse } from 'node:http'
import { serveGit } from '../git-http-backend.ts'
import { canSeeProject, canUse, roleInProject, signInToGit, type Caller } from './access.ts'
import { ROLES, type Project } from './model.ts'
import { afterPush } from './push.ts'
import { findMovedProject, findProjectByPath, projectPath, type World } from './state.ts'

/** A Git request taken apart: `/acme/shop.git/info/refs`. */
export interface GitTarget {
  readonly path: string
  readonly pathInfo: string
  /** Query string without the question mark. */
  readonly query: string
  readonly push: boolean
}

const ACCESS_DENIED =
  'HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you are required to use a token instead of a password.\n'
const NOT_FOUND = "The project you were looking for could not be found or you don't have permission to view it.\n"
const FETCH_SCOPES = ['api', 'read_repository', 'write_repository']
const PUSH_SCOPES = ['api', 'write_repository']

/** null when this is no Git request. The `.git` may be left out, as with GitLab. */
export function parseGitTarget(pathname: string, query: string): GitTarget | null {
  const match = /^\/(.+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(pathname)
  if (match === null) return null
  const pathInfo = match[2] ?? ''
  const push = pathInfo === '/git-receive-pack' || new URLSearchParams(query).get('service') === 'git-receive-pack'
  return { path: decodeURIComponent(match[1] ?? ''), pathInfo, query, push }
}

/** Serves smart HTTP with GitLab's answers to what is missing, hidden, moved or not allowed. */
export async function serveGitLabGit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  target: GitTarget,
): Promise<void> {
  const signIn = signInToGit(world.state, request.headers, world.clock.now())
  const caller = signIn.kind === 'caller' ? signIn.caller : null
  const project = findProjectByPath(world.state, target.path)
  const moved = project === undefined ? findMovedProject(world.state, target.path) : undefined
  const known = project ?? moved
  if (signIn.kind === 'refused') return challenge(response)
  if (known === undefined || !canSeeProject(world.state, caller?.user ?? null, known))
    return caller === null ? challenge(response) : plain(response, 404, NOT_FOUND)
  if (moved !== undefined) return redirect(world, response, moved, target)
  if (target.push && caller === null) return challenge(response)
  const refusal = target.push ? pushRefusal(world, caller, known) : fetchRefusal(world, caller, known)
  if (refusal !== null) return plain(response, refusal.status, refusal.text)
  const served = await serveGit(request, response, {
    repositoryFolder: known.folder,
    pathInfo: target.pathInfo,
    query: target.query,
    remoteUser: caller?.user.username ?? null,
    allowPush: target.push,
    env: world.env,
    filter: world.features.partialClone,
  })
  if (served.pushed && caller !== null) await afterPush(world, known, caller.user)
}

interface GitRefusal {
  readonly status: number
  readonly text: string
}

function fetchRefusal(world: World, caller: Caller | null, project: Project): GitRefusal | null {
  const scoped = caller === null || FETCH_SCOPES.some((scope) => caller.token.scopes.includes(scope))
  if (scoped && canUse(world.state, caller?.user ?? null, project, 'repository')) return null
  return { status: 403, text: 'You are not allowed to download code from this project.\n' }
}

function pushRefusal(world: World, caller: Caller | null, project: Project): GitRefusal | null {
  if (caller === null || !PUSH_SCOPES.some((scope) => caller.token.scopes.includes(scope)))
    return { status: 403, text: 'You are not allowed to push code to this project.\n' }
  if (project.archived) return { status: 403, text: 'You cannot push to an archived project.\n' }
  const may =
    canUse(world.state, caller.user, project, 'repository') && roleInProject(world.state, caller.user, project) >= ROLES.developer
  return may ? null : { status: 403, text: 'You are not allowed to push code to this project.\n' }
}

function challenge(response: ServerResponse): void {
  response.setHeader('WWW-Authenticate', 'Basic realm="GitLab"')
  plain(response, 401, ACCESS_DENIED)
}

function redirect(world: World, response: ServerResponse, project: Project, { pathInfo, query }: GitTarget): void {
  response.setHeader(
    'Location',
    `${world.baseUrl()}/${projectPath(world.state, project)}.git${pathInfo}${query === '' ? '' : `?${query}`}`,
  )
  plain(response, 301, '')
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}
