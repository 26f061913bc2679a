import { canSeeProject, canUse, isMember, roleInProject } from '../access.ts'
import { ok, Refusal, type Answer } from '../answer.ts'
import { ROLES, type Project } from '../model.ts'
import { getNamespace, isWithin } from '../state.ts'
import { groupOf, projectOf, viewer } from './lookup.ts'
import { paginate, paginateByKey } from './pagination.ts'
import { choice, flag, integer, sorted, withinTimes } from './parameters.ts'
import { projectBasicJson, projectJson, projectWithAccessJson, statisticsJson } from './project-json.ts'
import { route, type ApiCall } from './router.ts'
import { userOf } from './users.ts'

const ORDERS = ['created_at', 'id', 'name', 'path', 'updated_at', 'last_activity_at', 'similarity', 'star_count'] as const

export const PROJECT_ROUTES = [
  route('GET', '/projects', listProjects, { anonymous: true }),
  route('GET', '/projects/:id', getProject, { anonymous: true }),
  route('GET', '/groups/:id/projects', listGroupProjects, { anonymous: true }),
  route('GET', '/users/:id/projects', listUserProjects, { anonymous: true }),
]

function listProjects(call: ApiCall): Promise<Answer> {
  const visible = visibleProjects(call)
  const toJson = (project: Project) => listedJson(call, project, true)
  if (call.query.get('pagination') !== 'keyset') return paginate(call, 'Project', ordered(call, filtered(call, visible)), toJson)
  const order = call.query.get('order_by') ?? 'created_at'
  if (order !== 'id')
    throw new Refusal({ status: 405, json: { error: 'Keyset pagination is not yet available for this type of request' } })
  const next = choice(call, 'sort', ['desc', 'asc']) === 'asc' ? 'id_after' : 'id_before'
  return paginateByKey(call, ordered(call, filtered(call, visible)), ({ id }) => ({ [next]: String(id) }), toJson)
}

async function getProject(call: ApiCall): Promise<Answer> {
  const project = projectOf(call)
  const user = viewer(call)
  if (user === null) return ok(projectJson(call.world, project, null))
  const mayMeasure = roleInProject(call.world.state, user, project) >= ROLES.reporter
  const statistics =
    flag(call, 'statistics') === true && mayMeasure ? { statistics: await statisticsJson(call.world, project) } : {}
  return ok({ ...projectWithAccessJson(call.world, project, user), ...statistics })
}

function listGroupProjects(call: ApiCall): Promise<Answer> {
  const { state } = call.world
  const group = groupOf(call)
  const below = flag(call, 'include_subgroups') === true
  const shared = flag(call, 'with_shared') ?? true
  const visible = visibleProjects(call).filter(
    (project) =>
      project.namespaceId === group.id ||
      (below && isWithin(state, project.namespaceId, group.id)) ||
      (shared && project.sharedWith.has(group.id)),
  )
  return paginate(call, 'Project', ordered(call, filtered(call, visible)), (project) => listedJson(call, project, false))
}

function listUserProjects(call: ApiCall): Promise<Answer> {
  const user = userOf(call)
  const visible = visibleProjects(call).filter(
    ({ namespaceId }) => getNamespace(call.world.state, namespaceId).userId === user.id,
  )
  return paginate(call, 'Project', ordered(call, filtered(call, visible)), (project) => listedJson(call, project, false))
}

function visibleProjects(call: ApiCall): Project[] {
  return [...call.world.state.projects.values()].filter((project) => canSeeProject(call.world.state, viewer(call), project))
}

async function listedJson(call: ApiCall, project: Project, withAccess: boolean) {
  const user = viewer(call)
  if (user === null || flag(call, 'simple') === true) return projectBasicJson(call.world, project, user)
  const json = withAccess ? projectWithAccessJson(call.world, project, user) : projectJson(call.world, project, user)
  return flag(call, 'statistics') === true ? { ...json, statistics: await statisticsJson(call.world, project) } : json
}

function ordered(call: ApiCall, projects: readonly Project[]): Project[] {
  const order = choice(call, 'order_by', ORDERS)
  const key = (project: Project): number | string => {
    if (order === 'name' || order === 'path') return project[order].toLowerCase()
    if (order === 'updated_at') return project.updatedAt.getTime()
    if (order === 'last_activity_at') return project.lastActivityAt.getTime()
    if (order === 'created_at') return project.createdAt.getTime()
    return order === 'id' ? project.id : 0
  }
  return sorted(projects, key, choice(call, 'sort', ['desc', 'asc']))
}

function filtered(call: ApiCall, projects: readonly Project[]): Project[] {
  const { state } = call.world
  const user = viewer(call)
  const archived = flag(call, 'archived')
  const active = flag(call, 'active')
  const minLevel = integer(call, 'min_access_level')
  const idAfter = integer(call, 'id_after')
  const idBefore = integer(call, 'id_before')
  const search = call.query.get('search')?.toLowerCase() ?? ''
  const visibility = call.query.get('visibility')
  const kept = projects.filter(
    (project) =>
      (flag(call, 'membership') !== true || (user !== null && isMember(state, user, project))) &&
      (flag(call, 'owned') !== true || roleInProject(state, user, project) >= ROLES.owner) &&
      (minLevel === null || roleInProject(state, user, project) >= minLevel) &&
      (archived === null || project.archived === archived) &&
      (active === null || (!project.archived && project.deletionOn === null) === active) &&
      (visibility === null || project.visibility === visibility) &&
      (idAfter === null || project.id > idAfter) &&
      (idBefore === null || project.id < idBefore) &&
      (flag(call, 'with_merge_requests_enabled') !== true || canUse(state, user, project, 'mergeRequests')) &&
      (project.name.toLowerCase().includes(search) || project.path.toLowerCase().includes(search)),
  )
  if (call.url.pathname.includes('/groups/')) return kept // a group's list ignores activity filters
  const recent = withinTimes(call, 'last_activity', kept, ({ lastActivityAt }) => lastActivityAt)
  return withinTimes(call, 'updated', recent, ({ updatedAt }) => updatedAt)
}
