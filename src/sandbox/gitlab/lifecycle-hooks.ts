import { randomUUID } from 'node:crypto'
import { fireHooks, fireHooksOf } from './hooks.ts'
import { hookTime } from './merge-request-payloads.ts'
import type { Namespace, Project } from './model.ts'
import { getNamespace, namespaceChain, namespacePath, projectPath, type World } from './state.ts'

type ProjectEvent = 'project_create' | 'project_destroy' | 'project_rename' | 'project_transfer' | 'project_update'

/** What group hooks are told; everything else only system hooks hear. */
const TOLD_TO_GROUPS: readonly ProjectEvent[] = ['project_create', 'project_destroy']

/** @param formerPath of a project that was renamed or transferred */
export function fireProjectEvent(world: World, project: Project, event: ProjectEvent, formerPath?: string): void {
  const body = {
    event_name: event,
    created_at: hookTime(project.createdAt),
    updated_at: hookTime(project.updatedAt),
    name: project.name,
    path: project.path,
    path_with_namespace: projectPath(world.state, project),
    project_id: project.id,
    owner_name: getNamespace(world.state, project.namespaceId).name,
    owner_email: null,
    project_visibility: project.visibility,
    ...(formerPath === undefined ? {} : { old_path_with_namespace: formerPath }),
  }
  fireHooks(world, project, {
    trigger: 'project_events',
    body: TOLD_TO_GROUPS.includes(event) ? body : null,
    systemBody: body,
    branch: null,
    requestId: randomUUID(),
  })
}

/** `subgroup_create` or `subgroup_destroy` for the hooks of the groups above it, `group_…` for system hooks. */
export function fireGroupEvent(world: World, group: Namespace, event: 'create' | 'destroy'): void {
  const [, ...above] = namespaceChain(world.state, group.id)
  const parent = above[0]
  const facts = {
    created_at: hookTime(group.createdAt),
    updated_at: hookTime(group.createdAt),
    name: group.name,
    path: group.path,
    full_path: namespacePath(world.state, group.id),
    group_id: group.id,
  }
  const body = parent === undefined ? null : { event_name: `subgroup_${event}`, ...facts, parent_group_id: parent.id }
  fireHooksOf(
    world,
    { projectId: null, groupIds: above.map(({ id }) => id) },
    {
      trigger: 'subgroup_events',
      body,
      systemBody: { event_name: `group_${event}`, ...facts },
      branch: null,
      requestId: randomUUID(),
    },
  )
}

/** System hooks alone hear of it. */
export function fireGroupRenamed(world: World, group: Namespace, former: { path: string; fullPath: string }): void {
  const systemBody = {
    event_name: 'group_rename',
    created_at: hookTime(group.createdAt),
    updated_at: hookTime(world.clock.now()),
    name: group.name,
    path: group.path,
    full_path: namespacePath(world.state, group.id),
    group_id: group.id,
    old_path: former.path,
    old_full_path: former.fullPath,
  }
  const event = { trigger: 'subgroup_events', body: null, systemBody, branch: null, requestId: randomUUID() } as const
  fireHooksOf(world, { projectId: null, groupIds: [] }, event)
}
