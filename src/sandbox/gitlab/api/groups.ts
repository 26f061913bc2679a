import { canSeeNamespace, roleInNamespace } from '../access.ts'
import { ok, type Answer } from '../answer.ts'
import type { Namespace } from '../model.ts'
import { isWithin, namespacePath } from '../state.ts'
import { canSeeProject } from '../access.ts'
import { groupOf, viewer } from './lookup.ts'
import { paginate } from './pagination.ts'
import { flag, integer } from './parameters.ts'
import { projectJson } from './project-json.ts'
import { route, type ApiCall } from './router.ts'
import { groupJson } from './user-json.ts'

export const GROUP_ROUTES = [
  route('GET', '/groups', (call) => listGroups(call, () => true), { anonymous: true }),
  route('GET', '/groups/:id', getGroup, { anonymous: true }),
  route('GET', '/groups/:id/subgroups', listSubgroups, { anonymous: true }),
  route('GET', '/groups/:id/descendant_groups', listDescendants, { anonymous: true }),
]

/** Carries the group's projects unless told not to: the slow default that GitLab deprecates. */
function getGroup(call: ApiCall): Answer {
  const { world } = call
  const group = groupOf(call)
  const json = { ...groupJson(world, group), shared_with_groups: [], prevent_sharing_groups_outside_hierarchy: false }
  if (flag(call, 'with_projects') === false) return ok(json)
  const user = viewer(call)
  const visible = [...world.state.projects.values()].filter((project) => canSeeProject(world.state, user, project))
  const toJson = (project: (typeof visible)[number]) => projectJson(world, project, user)
  return ok({
    ...json,
    projects: visible.filter(({ namespaceId }) => namespaceId === group.id).map(toJson),
    shared_projects: visible.filter(({ sharedWith }) => sharedWith.has(group.id)).map(toJson),
  })
}

function listSubgroups(call: ApiCall): Promise<Answer> {
  const parent = groupOf(call)
  return listGroups(call, ({ parentId }) => parentId === parent.id)
}

function listDescendants(call: ApiCall): Promise<Answer> {
  const parent = groupOf(call)
  return listGroups(call, ({ id }) => id !== parent.id && isWithin(call.world.state, id, parent.id))
}

function listGroups(call: ApiCall, wanted: (group: Namespace) => boolean): Promise<Answer> {
  const { state } = call.world
  const user = viewer(call)
  const minLevel = integer(call, 'min_access_level') ?? 0
  const topOnly = flag(call, 'top_level_only') === true
  const search = call.query.get('search')?.toLowerCase() ?? ''
  const groups = [...state.namespaces.values()].filter(
    (group) =>
      group.kind === 'group' &&
      canSeeNamespace(state, user, group) &&
      wanted(group) &&
      roleInNamespace(state, user, group.id) >= minLevel &&
      (!topOnly || group.parentId === null) &&
      namespacePath(state, group.id).toLowerCase().includes(search),
  )
  const byName = groups.toSorted((a, b) => a.name.localeCompare(b.name) || a.id - b.id)
  return paginate(call, 'Group', byName, (group) => groupJson(call.world, group))
}
