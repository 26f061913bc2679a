import { addDeployment, addEnvironment, addPipeline, setPipelineStatus } from './administration/pipelines.ts'
import { deleteGroup } from './administration/delete-group.ts'
import { renameProject, transferProject } from './administration/moves.ts'
import { addGroup, addMember, addUser, createToken, renameGroup, renameUser } from './administration/people.ts'
import {
  addProject,
  archiveProject,
  deleteProject,
  forkProject,
  readRepository,
  scheduleDeletion,
  setFeature,
} from './administration/projects.ts'
import * as requests from './merge-requests.ts'
import { ROLES, type Namespace, type Project, type Role, type User } from './model.ts'
import { addApplication, deleteApplication, revokeAuthorizations } from './oauth/applications.ts'
import type { OAuthBrowser } from './oauth/oauth-state.ts'
import { afterPush } from './push.ts'
import { git } from './repository.ts'
import { findProjectByPath, projectPath, type World } from './state.ts'

/** A function of the stand-in without its first parameter, which `createAdministration` fills in. */
type Bound<F> = F extends (world: World, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never

/** What an administrator or a user would do in GitLab's pages. */
export interface Administration {
  addUser: Bound<typeof addUser>
  addGroup: Bound<typeof addGroup>
  renameGroup: Bound<typeof renameGroup>
  renameUser: Bound<typeof renameUser>
  deleteGroup: Bound<typeof deleteGroup>
  addMember: typeof addMember
  createToken: Bound<typeof createToken>
  addApplication: Bound<typeof addApplication>
  deleteApplication: Bound<typeof deleteApplication>
  revokeAuthorizations: Bound<typeof revokeAuthorizations>
  /** Every access token and every refresh token that is accepted or was. */
  listOAuthTokens(): readonly string[]
  /** Who sits in front of the authorization page, and what they do there; null: nobody is signed in. */
  signInBrowser(browser: OAuthBrowser | null): void
  addProject: Bound<typeof addProject>
  forkProject: Bound<typeof forkProject>
  /** Shares a project with another group. */
  share(project: Project, group: Namespace, role: Role): void
  setFeature: Bound<typeof setFeature>
  archive(project: Project): void
  unarchive(project: Project): void
  rename: Bound<typeof renameProject>
  transfer: Bound<typeof transferProject>
  scheduleDeletion: Bound<typeof scheduleDeletion>
  deleteProject: Bound<typeof deleteProject>
  findProject(path: string): Project | undefined
  pathOf(project: Project): string
  openMergeRequest: Bound<typeof requests.openMergeRequest>
  updateMergeRequest: Bound<typeof requests.updateMergeRequest>
  mergeMergeRequest: Bound<typeof requests.mergeMergeRequest>
  closeMergeRequest: Bound<typeof requests.closeMergeRequest>
  reopenMergeRequest: Bound<typeof requests.reopenMergeRequest>
  approve: Bound<typeof requests.approve>
  unapprove: Bound<typeof requests.unapprove>
  setReviewState: Bound<typeof requests.setReviewState>
  addNote: Bound<typeof requests.addNote>
  /** A merge request in any state, as an import leaves it: no hook, no ref. */
  newMergeRequest: Bound<typeof requests.emptyRequest>
  addPipeline: Bound<typeof addPipeline>
  setPipelineStatus: Bound<typeof setPipelineStatus>
  addEnvironment: Bound<typeof addEnvironment>
  addDeployment: Bound<typeof addDeployment>
  /** Runs git in the project's bare repository. */
  git(project: Project, args: readonly string[], input?: string): Promise<string>
  /** Treats what was written with `git` as a push of this user: activity, merge requests, hooks. */
  noticePush(project: Project, user: User): Promise<void>
  /** Takes over what was written with `git` without anything happening. */
  readRepository(project: Project): Promise<void>
}

export function createAdministration(world: World): Administration {
  return {
    addUser: (input) => addUser(world, input),
    addGroup: (input) => addGroup(world, input),
    renameGroup: (group, path) => renameGroup(world, group, path),
    renameUser: (user, username) => renameUser(world, user, username),
    deleteGroup: (group) => deleteGroup(world, group),
    addMember,
    createToken: (input) => createToken(world, input),
    addApplication: (input) => addApplication(world, input),
    deleteApplication: (application) => deleteApplication(world, application),
    revokeAuthorizations: (application) => revokeAuthorizations(world, application),
    listOAuthTokens: () => [...world.state.oauth.given],
    signInBrowser: (browser) => {
      world.state.oauth.browser = browser
    },
    addProject: (input) => addProject(world, input),
    forkProject: (project, input) => forkProject(world, project, input),
    share: (project, group, role) => void project.sharedWith.set(group.id, ROLES[role]),
    setFeature: (project, feature, access) => setFeature(world, project, feature, access),
    archive: (project) => archiveProject(world, project, true),
    unarchive: (project) => archiveProject(world, project, false),
    rename: (project, path) => renameProject(world, project, path),
    transfer: (project, namespace) => transferProject(world, project, namespace),
    scheduleDeletion: (project) => scheduleDeletion(world, project),
    deleteProject: (project) => deleteProject(world, project),
    findProject: (path) => findProjectByPath(world.state, path),
    pathOf: (project) => projectPath(world.state, project),
    openMergeRequest: (project, input) => requests.openMergeRequest(world, project, input),
    updateMergeRequest: (request, user, update) => requests.updateMergeRequest(world, request, user, update),
    mergeMergeRequest: (request, options) => requests.mergeMergeRequest(world, request, options),
    closeMergeRequest: (request, by) => requests.closeMergeRequest(world, request, by),
    reopenMergeRequest: (request, by) => requests.reopenMergeRequest(world, request, by),
    approve: (request, by) => requests.approve(world, request, by),
    unapprove: (request, by) => requests.unapprove(world, request, by),
    setReviewState: (request, user, state) => requests.setReviewState(world, request, user, state),
    addNote: (request, author, body) => requests.addNote(world, request, author, body),
    newMergeRequest: (project, createdAt) => requests.emptyRequest(world, project, createdAt),
    addPipeline: (project, input) => addPipeline(world, project, input),
    setPipelineStatus: (project, pipeline, status) => setPipelineStatus(world, project, pipeline, status),
    addEnvironment: (project, input) => addEnvironment(world, project, input),
    addDeployment: (project, input) => addDeployment(world, project, input),
    git: (project, args, input) => git(world, project, args, input),
    noticePush: async (project, user) => void (await afterPush(world, project, user)),
    readRepository: (project) => readRepository(world, project),
  }
}
