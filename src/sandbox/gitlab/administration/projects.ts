import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { initBareRepository } from '../../fast-import.ts'
import { runGit } from '../../run-git.ts'
import { fireProjectEvent } from '../lifecycle-hooks.ts'
import type { FeatureAccess, Namespace, Project, ProjectFeature, User, Visibility } from '../model.ts'
import { branchRef, git, listRefs, tryGit } from '../repository.ts'
import type { World } from '../state.ts'
import { namespaceAt } from './people.ts'

export interface NewProject {
  /** A group, a user's namespace, or its full path. */
  readonly namespace: Namespace | string
  readonly path: string
  readonly name?: string
  readonly description?: string
  readonly visibility?: Visibility
  readonly creator?: User
  /** Default: `main`, or what HEAD names in `fromRepository`. */
  readonly defaultBranch?: string
  readonly objectFormat?: 'sha1' | 'sha256'
  /** Folder of a Git repository whose branches and tags are copied. */
  readonly fromRepository?: string
  /** A project whose Git repository this one shows as its own, without a copy: thousands cost nothing. Read only. */
  readonly sharesRepositoryOf?: Project
  readonly createdAt?: Date
}

/** Creates a project with its bare repository. */
export async function addProject(world: World, input: NewProject): Promise<Project> {
  const namespace = namespaceAt(world, input.namespace)
  const id = world.state.nextId('project')
  const shared = input.sharesRepositoryOf
  const folder = shared?.folder ?? join(world.folder, `${id}.git`)
  const format = input.objectFormat ?? 'sha1'
  const wanted = input.defaultBranch ?? shared?.defaultBranch ?? 'main'
  if (shared === undefined && input.fromRepository === undefined)
    await initBareRepository({ folder, env: world.env, objectFormat: format, defaultBranch: wanted })
  else if (input.fromRepository !== undefined) await cloneBare(world, input.fromRepository, folder)
  const now = input.createdAt ?? world.clock.now()
  const project: Project = {
    id,
    name: input.name ?? input.path,
    path: input.path,
    namespaceId: namespace.id,
    description: input.description ?? '',
    visibility: input.visibility ?? 'private',
    defaultBranch: wanted,
    objectFormat: format,
    archived: false,
    deletionOn: null,
    createdAt: now,
    updatedAt: now,
    lastActivityAt: now,
    creatorId: input.creator?.id ?? namespace.userId ?? anyUser(world),
    forkedFromId: null,
    folder,
    access: { repository: 'enabled', mergeRequests: 'enabled', builds: 'enabled', environments: 'enabled', issues: 'enabled' },
    members: new Map(),
    sharedWith: new Map(),
    refs: new Map(shared?.refs),
    mergeRequests: [],
    signatures: new Map(),
    commitComments: [],
    pipelines: [],
    environments: [],
    deployments: [],
    events: [],
  }
  // A new repository has no refs, and its HEAD is the wanted branch.
  if (input.fromRepository !== undefined) await readRepository(world, project, input.defaultBranch)
  world.state.projects.set(id, project)
  fireProjectEvent(world, project, 'project_create')
  return project
}

/** A copy in another namespace that merge requests can come from. */
export async function forkProject(
  world: World,
  project: Project,
  input: Pick<NewProject, 'namespace'> & Partial<NewProject>,
): Promise<Project> {
  const fork = await addProject(world, {
    path: project.path,
    visibility: project.visibility,
    ...input,
    fromRepository: project.folder,
  })
  fork.forkedFromId = project.id
  return fork
}

/** Reads branches, tags and default branch after something other than a push wrote the repository; no hook fires. */
export async function readRepository(world: World, project: Project, wantedBranch?: string): Promise<void> {
  project.refs = await listRefs(world, project)
  const head = await tryGit(world, project, ['symbolic-ref', '--short', 'HEAD'])
  const branches = [...project.refs.keys()]
    .filter((ref) => ref.startsWith('refs/heads/'))
    .map((ref) => ref.slice('refs/heads/'.length))
  const candidates = [wantedBranch, head, 'main', 'master', branches[0]]
  const found = candidates.find((name) => name !== undefined && name !== null && project.refs.has(branchRef(name)))
  project.defaultBranch = found ?? wantedBranch ?? head ?? 'main'
  if (project.defaultBranch !== head) await git(world, project, ['symbolic-ref', 'HEAD', branchRef(project.defaultBranch)])
}

export function setFeature(world: World, project: Project, feature: ProjectFeature, access: FeatureAccess): void {
  project.access[feature] = access
  project.updatedAt = world.clock.now()
  fireProjectEvent(world, project, 'project_update')
}

export function archiveProject(world: World, project: Project, archived: boolean): void {
  project.archived = archived
  project.updatedAt = world.clock.now()
  fireProjectEvent(world, project, 'project_update')
}

/** Marks it for deletion a week from now, as GitLab does with every deleted project. */
export function scheduleDeletion(world: World, project: Project): void {
  project.deletionOn = new Date(world.clock.now().getTime() + 7 * 86_400_000).toISOString().slice(0, 10)
  project.updatedAt = world.clock.now()
}

/** Removes it at once, repository included; merge requests from it lose their source. */
export async function deleteProject(world: World, project: Project): Promise<void> {
  fireProjectEvent(world, project, 'project_destroy')
  world.state.projects.delete(project.id)
  for (const hook of world.state.hooks.values())
    if (hook.level === 'project' && hook.ownerId === project.id) world.state.hooks.delete(hook.id)
  for (const [path, id] of world.state.moved) if (id === project.id) world.state.moved.delete(path)
  for (const other of world.state.projects.values()) {
    if (other.forkedFromId === project.id) other.forkedFromId = null
    for (const request of other.mergeRequests) if (request.sourceProjectId === project.id) request.sourceProjectId = null
  }
  const isShared = [...world.state.projects.values()].some(({ folder }) => folder === project.folder)
  if (!isShared) await rm(project.folder, { recursive: true, force: true })
}

/** Copies branches and tags; objects are hard links where the file system has them. */
async function cloneBare(world: World, from: string, folder: string): Promise<void> {
  await runGit(['clone', '--quiet', '--bare', '--template=', resolve(from), folder], { folder: world.folder, env: world.env })
  await runGit(['remote', 'remove', 'origin'], { folder, env: world.env })
}

function anyUser(world: World): number {
  const first = world.state.users.values().next().value
  if (first === undefined) throw new Error('The sandbox GitLab needs a user before its first project')
  return first.id
}
