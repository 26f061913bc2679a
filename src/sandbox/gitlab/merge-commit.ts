import type { MergeRequest, User } from './model.ts'
import { branchRef, git, isAncestor } from './repository.ts'
import { getProject, projectPath, type World } from './state.ts'

/** Writes the commit that a merge leaves on the target branch; throws when the branches conflict. */
export async function mergeCommit(
  world: World,
  request: MergeRequest,
  by: User,
  method: 'merge' | 'squash' | 'fast-forward',
): Promise<{ readonly tip: string }> {
  const project = getProject(world.state, request.projectId)
  const target = project.refs.get(branchRef(request.targetBranch))
  if (target === undefined) throw new Error(`The sandbox repository ${project.path} has no branch ${request.targetBranch}`)
  const isForward = await isAncestor(world, project, target, request.sha)
  if (method === 'fast-forward') {
    if (!isForward) throw new Error(`The sandbox merge request !${request.iid} cannot be fast-forwarded`)
    return { tip: request.sha }
  }
  const tree = isForward
    ? await git(world, project, ['rev-parse', `${request.sha}^{tree}`])
    : ((await git(world, project, ['merge-tree', '--write-tree', target, request.sha])).split('\n', 1)[0] ?? '')
  const parents = method === 'merge' ? [target, request.sha] : [target]
  const text = method === 'merge' ? mergeMessage(world, request) : `${request.title}\n`
  const seconds = Math.floor(world.clock.now().getTime() / 1000)
  const who = `${by.name} <${by.email}> ${seconds} +0000`
  const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`]
  return { tip: await git(world, project, ['hash-object', '-t', 'commit', '-w', '--stdin'], `${head.join('\n')}\n\n${text}`) }
}

/** GitLab's default merge commit template. */
export function mergeMessage(world: World, request: MergeRequest): string {
  const path = projectPath(world.state, getProject(world.state, request.projectId))
  return `Merge branch '${request.sourceBranch}' into '${request.targetBranch}'\n\n${request.title}\n\nSee merge request ${path}!${request.iid}\n`
}
