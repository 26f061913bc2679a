import { canSeeNamespace, canSeeProject, canUse, roleInNamespace, roleInProject, type Caller } from '../access.ts'
import { forbidden, notFound, Refusal, unauthorized } from '../answer.ts'
import { ROLES, type MergeRequest, type Namespace, type Project, type ProjectFeature, type User } from '../model.ts'
import { findMovedProject, findNamespaceByPath, findProjectByPath } from '../state.ts'
import type { ApiCall } from './router.ts'

/**
 * The project of `:id`, a number or an encoded path. What the caller may not see is a 404; a former path answers 301 to
 * the same request by number (GitLab 16.7 and later, only for GET).
 */
export function projectOf(call: ApiCall): Project {
  const { state } = call.world
  const id = call.params['id'] ?? ''
  const project = /^\d+$/.test(id) ? state.projects.get(Number(id)) : findProjectByPath(state, id)
  if (project !== undefined && canSeeProject(state, viewer(call), project)) return project
  const moved = project === undefined ? findMovedProject(state, id) : undefined
  if (moved !== undefined && canSeeProject(state, viewer(call), moved) && call.method === 'GET') throw redirect(call, moved)
  throw notFound('Project')
}

/** The project, when this feature is on for the caller: 404 for the repository, 403 for everything else, as GitLab does. */
export function projectWith(call: ApiCall, feature: ProjectFeature): Project {
  const project = projectOf(call)
  if (canUse(call.world.state, viewer(call), project, feature)) return project
  throw feature === 'repository' && project.access.repository === 'disabled' ? notFound('Repository') : forbidden()
}

/** The project, when the caller is at least its Maintainer. */
export function administeredProject(call: ApiCall): Project {
  const project = projectOf(call)
  if (roleInProject(call.world.state, viewer(call), project) < ROLES.maintainer) throw forbidden()
  return project
}

export function groupOf(call: ApiCall): Namespace {
  const found = namespaceOf(call)
  if (found === undefined || found.kind !== 'group') throw notFound('Group')
  return found
}

/** The group, when the caller is its Owner. */
export function ownedGroup(call: ApiCall): Namespace {
  const group = groupOf(call)
  if (roleInNamespace(call.world.state, viewer(call), group.id) < ROLES.owner) throw forbidden()
  return group
}

/** The visible namespace of `:id`, a number or an encoded path. */
export function namespaceOf(call: ApiCall): Namespace | undefined {
  const { state } = call.world
  const id = call.params['id'] ?? ''
  const namespace = /^\d+$/.test(id) ? state.namespaces.get(Number(id)) : findNamespaceByPath(state, id)
  return namespace !== undefined && canSeeNamespace(state, viewer(call), namespace) ? namespace : undefined
}

export function mergeRequestOf(call: ApiCall): { project: Project; request: MergeRequest } {
  const project = projectWith(call, 'mergeRequests')
  const iid = Number(call.params['iid'])
  const request = project.mergeRequests.find((candidate) => candidate.iid === iid)
  if (request === undefined) throw new Refusal({ status: 404, json: { message: '404 Not found' } })
  return { project, request }
}

export function viewer(call: ApiCall): User | null {
  return call.caller?.user ?? null
}

/** Routes that need a token have a caller; this says so to the compiler. */
export function signedIn(call: ApiCall): Caller {
  if (call.caller === null) throw unauthorized()
  return call.caller
}

function redirect(call: ApiCall, project: Project): Refusal {
  const location = new URL(call.url)
  location.pathname = location.pathname.replace(/(\/api\/v4\/projects\/)[^/]+/, (_, prefix: string) => `${prefix}${project.id}`)
  const text = 'This resource has been moved permanently to ' + location.href
  return new Refusal({ status: 301, headers: { location: location.href, 'content-type': 'text/plain' }, text })
}
