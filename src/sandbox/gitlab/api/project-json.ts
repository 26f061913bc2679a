import { canUse, isPersonal, roleInNamespace, roleInProject } from '../access.ts'
import { git } from '../repository.ts'
import { ROLES, type Project, type User } from '../model.ts'
import { getNamespace, getUser, namespaceName, projectPath, type World } from '../state.ts'
import { namespaceBasicJson, userBasicJson } from './user-json.ts'

/** What `simple=true` and anonymous callers get. */
export function projectBasicJson(world: World, project: Project, viewer: User | null) {
  const path = projectPath(world.state, project)
  const webUrl = `${world.baseUrl()}/${path}`
  const readsCode = canUse(world.state, viewer, project, 'repository')
  return {
    id: project.id,
    description: project.description === '' ? null : project.description,
    name: project.name,
    name_with_namespace: `${namespaceName(world.state, project.namespaceId)} / ${project.name}`,
    path: project.path,
    path_with_namespace: path,
    created_at: project.createdAt.toISOString(),
    ...(readsCode ? { default_branch: project.defaultBranch } : {}),
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@${new URL(world.baseUrl()).hostname}:${path}.git`,
    http_url_to_repo: `${webUrl}.git`,
    web_url: webUrl,
    readme_url: null,
    forks_count: forksOf(world, project),
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.lastActivityAt.toISOString(),
    visibility: project.visibility,
    namespace: namespaceBasicJson(world, getNamespace(world.state, project.namespaceId)),
  }
}

export function projectJson(world: World, project: Project, viewer: User | null) {
  const on = (feature: keyof Project['access']) => project.access[feature] !== 'disabled'
  const parent = project.forkedFromId === null ? undefined : world.state.projects.get(project.forkedFromId)
  const namespace = getNamespace(world.state, project.namespaceId)
  return {
    ...projectBasicJson(world, project, viewer),
    ...(parent === undefined ? {} : { forked_from_project: projectBasicJson(world, parent, viewer) }),
    container_registry_image_prefix: `registry.example.com/${projectPath(world.state, project)}`,
    _links: links(world, project),
    marked_for_deletion_at: project.deletionOn,
    marked_for_deletion_on: project.deletionOn,
    packages_enabled: true,
    empty_repo: isEmpty(project),
    archived: project.archived,
    ...(isPersonal(world.state, project) && namespace.userId !== null
      ? { owner: userBasicJson(world, getUser(world.state, namespace.userId)) }
      : {}),
    repository_object_format: project.objectFormat,
    issues_enabled: on('issues'),
    merge_requests_enabled: on('mergeRequests'),
    wiki_enabled: false,
    jobs_enabled: on('builds'),
    snippets_enabled: false,
    container_registry_enabled: false,
    can_create_merge_request_in: on('mergeRequests') && roleInProject(world.state, viewer, project) >= ROLES.developer,
    issues_access_level: project.access.issues,
    repository_access_level: project.access.repository,
    merge_requests_access_level: project.access.mergeRequests,
    builds_access_level: project.access.builds,
    environments_access_level: project.access.environments,
    shared_runners_enabled: true,
    lfs_enabled: true,
    creator_id: project.creatorId,
    import_status: 'none',
    open_issues_count: 0,
    description_html: '',
    updated_at: project.updatedAt.toISOString(),
    shared_with_groups: sharedWith(world, project),
    merge_method: 'merge',
    squash_option: 'default_off',
    remove_source_branch_after_merge: true,
    public_jobs: true,
  }
}

/** Adds what a signed-in reader may do; only single projects and `/projects` carry it. */
export function projectWithAccessJson(world: World, project: Project, viewer: User) {
  const level = (value: number) => (value === 0 ? null : { access_level: value, notification_level: 3 })
  const namespace = getNamespace(world.state, project.namespaceId)
  return {
    ...projectJson(world, project, viewer),
    permissions: {
      project_access: level(project.members.get(viewer.id) ?? 0),
      group_access:
        namespace.kind === 'group' ? level(roleInNamespace(world.state, { ...viewer, admin: false }, namespace.id)) : null,
    },
  }
}

/** Sizes in bytes, from the repository itself. */
export async function statisticsJson(world: World, project: Project) {
  const counted = await git(world, project, ['count-objects', '-v'])
  const kibibytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counted)?.[1] ?? 0)
  const size = (kibibytes('size') + kibibytes('size-pack')) * 1024
  const commits = isEmpty(project) ? 0 : Number(await git(world, project, ['rev-list', '--count', '--branches']))
  return {
    commit_count: commits,
    storage_size: size,
    repository_size: size,
    wiki_size: 0,
    lfs_objects_size: 0,
    job_artifacts_size: 0,
    pipeline_artifacts_size: 0,
    packages_size: 0,
    snippets_size: 0,
    uploads_size: 0,
    container_registry_size: 0,
  }
}

export function isEmpty(project: Project): boolean {
  return !project.refs.keys().some((ref) => ref.startsWith('refs/heads/'))
}

function forksOf(world: World, project: Project): number {
  return world.state.projects.values().reduce((count, { forkedFromId }) => count + (forkedFromId === project.id ? 1 : 0), 0)
}

function links(world: World, project: Project): Record<string, string> {
  const self = `${world.baseUrl()}/api/v4/projects/${project.id}`
  return {
    self,
    issues: `${self}/issues`,
    merge_requests: `${self}/merge_requests`,
    repo_branches: `${self}/repository/branches`,
    labels: `${self}/labels`,
    events: `${self}/events`,
    members: `${self}/members`,
  }
}

function sharedWith(world: World, project: Project) {
  return [...project.sharedWith].map(([groupId, level]) => {
    const { name, full_path } = namespaceBasicJson(world, getNamespace(world.state, groupId))
    return { group_id: groupId, group_name: name, group_full_path: full_path, group_access_level: level, expires_at: null }
  })
}
