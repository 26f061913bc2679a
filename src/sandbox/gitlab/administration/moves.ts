import { fireProjectEvent } from '../lifecycle-hooks.ts'
import type { Namespace, Project } from '../model.ts'
import { projectPath, type World } from '../state.ts'

/** Does something that may change project paths and keeps the former ones as redirects; a path in use is no redirect. */
export function remember(world: World, change: () => void): void {
  const { projects, moved } = world.state
  const paths = () =>
    new Map([...projects.values()].map((project) => [project.id, projectPath(world.state, project).toLowerCase()]))
  const former = paths()
  change()
  const current = paths()
  for (const [id, path] of former) if (current.get(id) !== path) moved.set(path, id)
  for (const path of current.values()) moved.delete(path)
}

export function renameProject(world: World, project: Project, path: string): void {
  const former = projectPath(world.state, project)
  remember(world, () => {
    project.path = path
    project.name = path
    project.updatedAt = world.clock.now()
  })
  fireProjectEvent(world, project, 'project_rename', former)
}

export function transferProject(world: World, project: Project, namespace: Namespace): void {
  const former = projectPath(world.state, project)
  remember(world, () => {
    project.namespaceId = namespace.id
    project.updatedAt = world.clock.now()
  })
  fireProjectEvent(world, project, 'project_transfer', former)
}
