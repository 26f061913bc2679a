import { fireGroupEvent } from '../lifecycle-hooks.ts'
import type { Namespace } from '../model.ts'
import { isWithin, type World } from '../state.ts'
import { deleteProject } from './projects.ts'

/** With everything in it, for good; its path is free afterwards. */
export async function deleteGroup(world: World, group: Namespace): Promise<void> {
  const { namespaces, projects, hooks } = world.state
  const isBelow = (id: number) => isWithin(world.state, id, group.id)
  for (const project of projects.values()) if (isBelow(project.namespaceId)) await deleteProject(world, project)
  fireGroupEvent(world, group, 'destroy')
  const gone = new Set<number | null>([...namespaces.keys()].filter(isBelow))
  for (const hook of hooks.values()) if (hook.level === 'group' && gone.has(hook.ownerId)) hooks.delete(hook.id)
  for (const id of gone) if (id !== null) namespaces.delete(id)
}
