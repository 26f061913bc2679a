import { roleInNamespace } from '../access.ts'
import type { Namespace, User } from '../model.ts'
import { namespaceName, namespacePath, type World } from '../state.ts'

export function userBasicJson(world: World, user: User) {
  return {
    id: user.id,
    username: user.username,
    public_email: user.publicEmail === '' ? null : user.publicEmail,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: null,
    web_url: `${world.baseUrl()}/${user.username}`,
  }
}

/** What anyone sees. */
export function userJson(world: World, user: User) {
  return {
    ...userBasicJson(world, user),
    created_at: user.createdAt.toISOString(),
    bio: '',
    location: null,
    linkedin: '',
    twitter: '',
    discord: '',
    website_url: '',
    github: '',
    job_title: '',
    pronouns: null,
    organization: null,
    bot: user.bot,
    work_information: null,
    local_time: null,
  }
}

/** What a user sees about himself; administrators see it about everybody. */
export function userPublicJson(world: World, user: User) {
  return {
    ...userJson(world, user),
    last_sign_in_at: null,
    confirmed_at: user.createdAt.toISOString(),
    last_activity_on: null,
    email: user.email,
    theme_id: 1,
    color_scheme_id: 1,
    projects_limit: 100_000,
    current_sign_in_at: null,
    identities: [],
    can_create_group: true,
    can_create_project: true,
    two_factor_enabled: false,
    external: false,
    private_profile: false,
    commit_email: user.email,
    preferred_language: 'en',
    ...(user.admin ? { is_admin: true } : {}),
  }
}

export function namespaceBasicJson(world: World, namespace: Namespace) {
  const fullPath = namespacePath(world.state, namespace.id)
  return {
    id: namespace.id,
    name: namespace.name,
    path: namespace.path,
    kind: namespace.kind,
    full_path: fullPath,
    parent_id: namespace.parentId,
    avatar_url: null,
    web_url: namespace.kind === 'group' ? `${world.baseUrl()}/groups/${fullPath}` : `${world.baseUrl()}/${fullPath}`,
  }
}

export function groupJson(world: World, group: Namespace) {
  const { id, name, path, parent_id, web_url, full_path } = namespaceBasicJson(world, group)
  return {
    id,
    web_url,
    name,
    path,
    description: group.description,
    visibility: group.visibility,
    share_with_group_lock: false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    project_creation_level: 'developer',
    auto_devops_enabled: null,
    subgroup_creation_level: 'maintainer',
    emails_disabled: false,
    emails_enabled: true,
    mentions_disabled: null,
    lfs_enabled: true,
    archived: false,
    default_branch: null,
    default_branch_protection: 2,
    avatar_url: null,
    request_access_enabled: true,
    full_name: namespaceName(world.state, group.id),
    full_path,
    created_at: group.createdAt.toISOString(),
    parent_id,
    organization_id: 1,
    shared_runners_setting: 'enabled',
    marked_for_deletion_on: null,
  }
}

export function namespaceJson(world: World, namespace: Namespace, viewer: User) {
  const manages = roleInNamespace(world.state, viewer, namespace.id) >= 50
  return {
    ...namespaceBasicJson(world, namespace),
    ...(manages ? { members_count_with_descendants: namespace.members.size, root_repository_size: null } : {}),
  }
}
